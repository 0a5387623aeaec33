"""The errors that a user reads."""

from __future__ import annotations

from importlib.util import find_spec


class WorkbenchError(Exception):
    """Something the user can understand and fix; its text is shown unchanged.

    Parameters
    ----------
    problem : str
        What is wrong, in the words of a gait laboratory.
    where : str, optional
        The file, column, time or setting it is about.
    remedy : str, optional
        What to do about it.

    Examples
    --------
    >>> print(WorkbenchError("the mass is 860 kg.", where="trial.toml, [subject]", remedy="Give it in kilograms."))
    trial.toml, [subject]: the mass is 860 kg. Give it in kilograms.
    """

    def __init__(self, problem: str, *, where: str | None = None, remedy: str | None = None) -> None:
        self.problem = problem
        self.where = where
        self.remedy = remedy
        super().__init__(problem, where, remedy)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" {self.remedy}" if self.remedy else ""
        return f"{place}{self.problem}{advice}"

    def __reduce__(self) -> tuple[object, ...]:
        # Raised in worker processes too: keyword arguments would be lost by the default pickling.
        return (_rebuild, (type(self), self.problem, self.where, self.remedy))


class TrialError(WorkbenchError):
    """A recording, or the file that describes it, cannot be used."""


class ModelError(WorkbenchError):
    """An OpenSim model cannot be used."""


class SettingError(WorkbenchError):
    """A setting lies outside what can be computed."""


class SimulationError(WorkbenchError):
    """The simulation could not be finished."""


def require(*packages: str, of: str) -> None:
    """Report a missing package clearly where it is needed.

    Readers and the numerical core work without OpenSim and without the page.

    Parameters
    ----------
    *packages : str
        Names as they are imported.
    of : str
        What needs them.

    Raises
    ------
    WorkbenchError
        If one of them is not installed.

    Examples
    --------
    >>> require("json", of="writing an answer")
    """
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        raise WorkbenchError(
            f"{of} needs {' and '.join(missing)}, not installed in this Python.",
            remedy=f"Run: python -m pip install {' '.join(missing).replace('_', '-')}",
        )


def _rebuild(kind: type[WorkbenchError], problem: str, where: str | None, remedy: str | None) -> WorkbenchError:
    return kind(problem, where=where, remedy=remedy)
