"""The progress bar of a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable


def terminal_progress() -> Callable[[int, int], None] | None:
    """The progress bar if standard error is a terminal, else None."""
    return progress_bar if sys.stderr.isatty() else None


def progress_bar(done: int, total: int) -> None:
    """Draw a progress bar on standard error."""
    bar = "#" * (30 * done // total)
    print(f"\r[{bar:30}] {done} of {total} solved", end="\n" if done == total else "", file=sys.stderr, flush=True)
