"""Settings: the change of gait with its assumptions, the load computation, the processing of the recording.

Each setting is declared once, as a field with its limits, words and source. Options of the command line, parameters of
a session, controls of the page, the address, files and the table in METHODS are made from these declarations.
"""

from __future__ import annotations

from typing import Final

from workbench.core.declaration import Setting, settings_of
from workbench.core.errors import SettingError
from workbench.core.settings.load_settings import MOMENT_FRAMES, LoadSettings
from workbench.core.settings.modification import GaitModification, assumptions_alone, modification_from_words
from workbench.core.settings.processing import Processing
from workbench.core.vocabulary import SIDES

__all__ = [
    "GROUPS",
    "MOMENT_FRAMES",
    "SETTINGS",
    "GaitModification",
    "LoadSettings",
    "Processing",
    "assumptions_alone",
    "check_side",
    "modification_from_words",
]

#: The classes of settings, by what they are about.
GROUPS: Final[dict[str, type]] = {
    "The modified gait": GaitModification,
    "The loads": LoadSettings,
    "The recording": Processing,
}
#: Every setting by name.
SETTINGS: Final[dict[str, Setting]] = {
    name: setting for owner in GROUPS.values() for name, setting in settings_of(owner).items()
}


def check_side(side: object) -> None:
    """Reject anything but "left", "right" or None (the trial's own choice).

    Raises
    ------
    SettingError
        With the allowed values.

    Examples
    --------
    >>> check_side("R")
    Traceback (most recent call last):
    workbench.core.errors.SettingError: the side is 'R'. Use "left" or "right".
    """
    if side is not None and side not in SIDES:
        raise SettingError(f"the side is {side!r}.", remedy='Use "left" or "right".')
