"""Provenance: versions, the project's own model, and file hashes."""

from __future__ import annotations

import hashlib
import platform
from importlib import metadata
from pathlib import Path
from typing import Final

import workbench
from workbench.core.errors import ModelError
from workbench.core.types import Trial

_MODEL_FILE: Final = "knee_load_model.osim"


def own_model_path() -> Path:
    """Return the path of the project's own model: next to the package in a checkout, inside it once installed.

    Raises
    ------
    ModelError
        If it is in neither.
    """
    package = Path(workbench.__file__).resolve().parent
    for folder in (package / "models", package.parent / "models"):
        if (folder / _MODEL_FILE).is_file():
            return folder / _MODEL_FILE
    raise ModelError(
        "the project's own model is missing.",
        where=_MODEL_FILE,
        remedy="Run python models/build_model.py in a checkout.",
    )


def provenance(trial: Trial) -> dict[str, object]:
    """Versions and file hashes behind a number, and the person's own law if requested."""
    model_file = trial.model_file or own_model_path()
    return {
        "workbench": workbench.__version__,
        "python": platform.python_version(),
        "versions": {name: metadata.version(name) for name in ("opensim", "numpy", "scipy", "daqp")},
        "model": model_file.name,
        "sha256": {**trial.source_sha256, model_file.name: sha256(model_file)},
        **own_law_provenance(trial),
    }


def own_law_provenance(trial: Trial) -> dict[str, object]:
    """The results from the person's own strides, if requested."""
    return {} if trial.own_law is None else {"own_law": trial.own_law.document()}


def sha256(file: Path) -> str:
    """Hash of a file's content."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
