"""Progress messages of an import."""

from __future__ import annotations

from collections.abc import Callable

#: Called with what is being done and how far it is (0 to 1); what it raises ends the import.
Tell = Callable[[str, float], None]


def silent(what: str, share: float) -> None:
    """Show no progress."""
