"""The tables of a ``trial.toml``: values of the right type, or a message with the place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from workbench.core.errors import TrialError
from workbench.core.vocabulary import SIDES, Side
from workbench.trials import recording_checks
from workbench.trials.external_loads import Plate
from workbench.trials.folder import TrialFolder, near_names
from workbench.trials.storage import listing

TRIAL_FILE: Final = "trial.toml"

_EVENT_KEYS: Final = tuple(f"{side}_foot_{what}" for side in SIDES for what in ("strike", "off"))
#: Keys by table; True where the key must be there.
_KEYS: Final[dict[str, dict[str, bool]]] = {
    "": {
        "name": False,
        "subject": True,
        "model": False,
        "motion": True,
        "ground_reactions": True,
        "events": False,
        "measured_loads": False,
        "emg": False,
        "decisions": False,
        "findings": False,
        "provenance": False,
    },
    "subject": {"mass": True, "height": True},
    "model": {"file": False},
    "motion": {"coordinates": False, "markers": False, "c3d": False, "start": False, "end": False},
    "ground_reactions": {"file": False, "external_loads": False, "left": False, "right": False, "estimated": False},
    "events": dict.fromkeys(_EVENT_KEYS, False),
    "measured_loads": dict.fromkeys(("file", "side", "time", "medial", "lateral", "unit"), True) | {"starts_at": False},
    "emg": {"file": True, "muscles": True, "time": False, "kind": True, "normalised_to": False},
    "findings": {
        **dict.fromkeys(("code", "severity", "about", "problem"), True),
        **dict.fromkeys(("remedy", "where", "limit", "source"), False),
    },
    "plate": {"force": True, "point": True, "torque": False},
}


class TomlTable:
    """One table of the file: gives values of the right type, or a message with the place."""

    def __init__(self, values: Mapping[str, Any], name: str, file: str, keys: str | None = None) -> None:
        self.values = values
        self.where = f"{file} [{name}]" if name else file
        self._name = name
        self._file = file
        known = _KEYS[name if keys is None else keys]
        what = "table or key" if not name else "key"
        for key in values:
            if key not in known:
                raise TrialError(
                    f"the {what} {key!r} is unknown.",
                    where=self.where,
                    remedy=near_names(key, known) or f"Known: {listing(known)}.",
                )
        for key, needed in known.items():
            if needed and key not in values:
                raise TrialError(
                    f"{key!r} is missing.",
                    where=self.where,
                    remedy=f"Add it; the README shows a complete {TRIAL_FILE}.",
                )

    def has(self, key: str) -> bool:
        """Whether the file gives it."""
        return key in self.values

    def table(self, key: str) -> TomlTable:
        """A table of its own."""
        value = self.values[key]
        if not isinstance(value, dict):
            raise TrialError(f"{key!r} is not a table.", where=self.where, remedy=f"Write [{key}] on its own line.")
        return TomlTable(value, key, self._file)

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty."""
        value = self.values.get(key, default)
        if not isinstance(value, str) or not value.strip():
            raise TrialError(f"{key!r} is {value!r}, not text.", where=self.where, remedy='Put it in quotes: "...".')
        return value.strip()

    def number(self, key: str, default: float | None = None) -> float:
        """A finite number."""
        return self._as_number(key, self.values.get(key, default))

    def _as_number(self, key: str, value: object) -> float:
        # NaN fails the comparison too; an integer may have more digits than a float holds.
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not abs(value) <= recording_checks.LARGEST_NUMBER
        ):
            shown = repr(value)[:40] if isinstance(value, str | float | bool) else f"of type {type(value).__name__}"
            raise TrialError(
                f"{key!r} is {shown}, not a number.", where=self.where, remedy="Write a number without quotes."
            )
        return float(value)

    def flag(self, key: str) -> bool:
        """True or false; false where it is not given."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise TrialError(f"{key!r} is {value!r}.", where=self.where, remedy="Write true or false without quotes.")
        return value

    def texts(self, key: str) -> dict[str, str]:
        """A table of texts by name."""
        value = self.values[key]
        if not isinstance(value, dict) or not all(isinstance(text, str) and text.strip() for text in value.values()):
            raise TrialError(
                f"{key!r} is no table of names.", where=self.where, remedy=f'Write {key} = {{ soleus_l = "column" }}.'
            )
        return {name: text.strip() for name, text in value.items()}

    def choice(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """One of a few texts."""
        value = self.text(key, default)
        if value not in allowed:
            raise TrialError(
                f"{key!r} is {value!r}.", where=self.where, remedy=f"Use one of {', '.join(map(repr, allowed))}."
            )
        return value

    def times(self, key: str) -> tuple[float, ...]:
        """A list of numbers; empty where it is not given."""
        value = self.values.get(key, [])
        if not isinstance(value, list):
            raise TrialError(f"{key!r} is not a list.", where=self.where, remedy=f"Write {key} = [0.5, 1.6].")
        return tuple(self._as_number(key, item) for item in value)

    def file(self, folder: TrialFolder, key: str) -> Path:
        """A file in the trial's folder."""
        return folder.locate(self.text(key), self.where)

    def plates(self, side: Side) -> tuple[Plate, ...]:
        """The columns of each plate under a foot."""
        value = self.values[side]
        tables = value if isinstance(value, list) else [value]
        if not tables or not all(isinstance(table, dict) for table in tables):
            raise TrialError(
                f"{side!r} is neither a table of columns nor a list of such tables.",
                where=self.where,
                remedy=f'Write {side} = {{ force = "...", point = "...", torque = "..." }}.',
            )
        plates = []
        for table in tables:
            columns = TomlTable(table, f"{self._name}.{side}", self._file, "plate")
            torque = columns.text("torque") if columns.has("torque") else None
            plates.append(Plate(columns.text("force"), columns.text("point"), torque))
        return tuple(plates)
