"""The state of the page in its link, so that a link opens the same view again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from workbench.core.changes import KINDS
from workbench.session.question import GAIT_ASSUMPTIONS, LOAD_SETTINGS, PROCESSING
from workbench.session.session import Session

#: Parameters by their names in the address.
NAMES: Final[dict[str, str]] = {
    "side": "side",
    "stride": "stride_number",
    **{kind.key: kind.shown_name for kind in KINDS.values()},
    "band": "band_wanted",
    **{name: name for name in (*GAIT_ASSUMPTIONS, *LOAD_SETTINGS, *PROCESSING)},
}
#: What follows from the trial: always in the address, because its default is not the parameter's.
_OF_TRIAL: Final = ("side", "stride")


def query_of(session: Session) -> dict[str, Any]:
    """The query of a session: everything that differs from the defaults."""
    query: dict[str, Any] = {"trial": session.trial.name} if session.trial is not None else {}
    for name, parameter in NAMES.items():
        value = getattr(session, parameter)
        if name in _OF_TRIAL or value != session.param[parameter].default:
            query[name] = value
    return query


def apply_query(session: Session, query: Mapping[str, Any]) -> list[str]:
    """Set a session from a query; return the names that could not be used.

    Parameters
    ----------
    session : Session
        With the trial of the address open.
    query : mapping
        Values as a person may have typed them.
    """
    refused = []
    for name, parameter in NAMES.items():
        if name not in query:
            continue
        try:
            value = _as(type(session.param[parameter].default), query[name])
            if name == "stride" and value not in [one.number for one in session.strides]:
                raise ValueError(f"there is no stride {value}")
            setattr(session, parameter, value)
        except (ValueError, TypeError):
            refused.append(name)
    return refused


def _as(kind: type, value: Any) -> Any:
    if kind is bool:
        words = {"true": True, "false": False}
        if str(value).lower() not in words:
            raise ValueError(f"{value!r} is neither true nor false")
        return words[str(value).lower()]
    if kind in (int, float) and isinstance(value, bool):
        raise ValueError(f"{value!r} is not a number")
    return kind(value)
