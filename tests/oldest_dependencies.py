"""Write the oldest supported version of every dependency as a constraint file: ``python oldest_dependencies.py``.

Reads nothing but ``pyproject.toml``, so that a lower bound that is wrong there fails in CI.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

_LOWER_BOUND = re.compile(r"^([A-Za-z0-9-]+)(?:\[[^]]*\])?>=([0-9.]+)")


def constraints(pyproject: str) -> list[str]:
    """One line for each dependency of the package itself, ``name==lower bound``."""
    dependencies = tomllib.loads(pyproject)["project"]["dependencies"]
    found = [_LOWER_BOUND.match(one) for one in dependencies]
    return [f"{match[1]}=={match[2]}" for match in found if match]


if __name__ == "__main__":
    text = (Path(__file__).resolve().parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    sys.stdout.write("\n".join(constraints(text)) + "\n")
