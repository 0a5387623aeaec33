"""The person's own law as tables, text and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.core.changes import KINDS
from workbench.core.own_law import OwnLaw
from workbench.core.types import Trial
from workbench.core.vocabulary import DISCLAIMER, PEAKS
from workbench.provenance import provenance

if TYPE_CHECKING:
    import pandas as pd

#: Simulated slopes by (peak, what changes), with the default and with the person's own assumptions.
SimulatedSlopes = Mapping[str, Mapping[tuple[str, str], float]]


@dataclass(frozen=True, eq=False, repr=False)
class OwnLawAnswer:
    """What a person's own strides show about the assumptions and about the response of the peaks.

    Parameters
    ----------
    trial : Trial
    law : OwnLaw
        Every number behind the tables.
    simulated : mapping
        Simulated slopes, with the default and with the person's own assumptions.

    Examples
    --------
    A law made up by hand; `workbench.own_law` draws one from a recording of twenty strides or more.

    >>> import workbench
    >>> from workbench.core.own_law import OwnLaw, OwnSetting, OwnSlope
    >>> lean = OwnSetting("lean_height_statures", "the lean height", "statures", 0.6, 0.02, 0.7, 0.13, "")
    >>> slope = OwnSlope("kam_peak_2_pct_bw_ht", "step_width_m", 0.1, -0.3, -0.6, -0.1)
    >>> law = OwnLaw("right", 40, {}, (lean,), (slope,))
    >>> simulated = {name: {("kam_peak_2_pct_bw_ht", "step_width_m"): 0.0} for name in ("default", "personal")}
    >>> answer = OwnLawAnswer(workbench.open_trial("reference"), law, simulated)
    >>> answer.settings()[["own", "default", "settled"]]
                          own  default  settled
    name
    lean_height_statures  0.6      0.7     True
    """

    trial: Trial
    law: OwnLaw
    simulated: SimulatedSlopes

    def settings(self) -> pd.DataFrame:
        """The assumptions: the person's own value and its standard error, the default, which one is used, and why.

        Returns
        -------
        pandas.DataFrame
            By the names of `GaitModification`; an assumption that is not settled keeps its default.

        Examples
        --------
        >>> import workbench
        >>> from workbench.core.own_law import OwnLaw, OwnSetting, OwnSlope
        >>> lean = OwnSetting("lean_height_statures", "the lean height", "statures", 0.6, 0.02, 0.7, 0.13, "")
        >>> slope = OwnSlope("kam_peak_2_pct_bw_ht", "step_width_m", 0.1, -0.3, -0.6, -0.1)
        >>> law = OwnLaw("right", 40, {}, (lean,), (slope,))
        >>> simulated = {name: {("kam_peak_2_pct_bw_ht", "step_width_m"): 0.0} for name in ("default", "personal")}
        >>> answer = OwnLawAnswer(workbench.open_trial("reference"), law, simulated)
        >>> answer.settings().loc["lean_height_statures", "standard_error"].item()
        0.02
        """
        import pandas as pd

        rows = [
            {"own": one.value, "standard_error": one.standard_error, "default": one.usual, "unit": one.unit,
             "settled": one.settled, "doubt": one.doubt}
            for one in self.law.settings
        ]  # fmt: skip
        return pd.DataFrame(rows, index=pd.Index([one.name for one in self.law.settings], name="name"))

    def slopes(self) -> pd.DataFrame:
        """Slope of each peak against each change over the person's own strides, and simulated.

        Returns
        -------
        pandas.DataFrame
            ``own`` slope with its 95 % confidence interval (``low``, ``high``), and the simulated one with the
            ``default`` and with the ``personal`` assumptions, in ``unit``. Toe-out and wider steps positive.
            ``outside`` names the simulated ones that lie outside the interval.

        Examples
        --------
        >>> import workbench
        >>> from workbench.core.own_law import OwnLaw, OwnSetting, OwnSlope
        >>> lean = OwnSetting("lean_height_statures", "the lean height", "statures", 0.6, 0.02, 0.7, 0.13, "")
        >>> slope = OwnSlope("kam_peak_2_pct_bw_ht", "step_width_m", 0.1, -0.3, -0.6, -0.1)
        >>> law = OwnLaw("right", 40, {}, (lean,), (slope,))
        >>> simulated = {name: {("kam_peak_2_pct_bw_ht", "step_width_m"): 0.0} for name in ("default", "personal")}
        >>> answer = OwnLawAnswer(workbench.open_trial("reference"), law, simulated)
        >>> answer.slopes()["outside"].item()  # he lowers his second peak, the simulation does not
        'default and personal'
        """
        import pandas as pd

        rows = []
        for one in self.law.slopes:
            simulated = {name: slopes[one.peak, one.change] for name, slopes in self.simulated.items()}
            rows.append(
                {
                    "peak": PEAKS[one.peak].label,
                    "unit": f"{PEAKS[one.peak].unit} per {_per(one.change)}",
                    "own": one.slope,
                    "low": one.low,
                    "high": one.high,
                    **simulated,
                    "outside": " and ".join(name for name, it in simulated.items() if not one.low <= it <= one.high),
                }
            )
        return pd.DataFrame(rows)

    def document(self) -> dict[str, Any]:
        """The JSON document, schema ``workbench.own_law/1``, ready for `json.dumps`.

        Examples
        --------
        >>> import workbench
        >>> from workbench.core.own_law import OwnLaw, OwnSetting, OwnSlope
        >>> lean = OwnSetting("lean_height_statures", "the lean height", "statures", 0.6, 0.02, 0.7, 0.13, "")
        >>> slope = OwnSlope("kam_peak_2_pct_bw_ht", "step_width_m", 0.1, -0.3, -0.6, -0.1)
        >>> law = OwnLaw("right", 40, {}, (lean,), (slope,))
        >>> simulated = {name: {("kam_peak_2_pct_bw_ht", "step_width_m"): 0.0} for name in ("default", "personal")}
        >>> answer = OwnLawAnswer(workbench.open_trial("reference"), law, simulated)
        >>> answer.document()["settings"][0]["settled"]
        True
        """
        law = self.law.document()
        law["slopes"] = [
            {**slope, "simulated": {name: slopes[one.peak, one.change] for name, slopes in self.simulated.items()}}
            for slope, one in zip(law["slopes"], self.law.slopes, strict=True)
        ]
        return {
            "schema": "workbench.own_law/1",
            "trial": self.trial.name,
            **law,
            "disclaimer": DISCLAIMER,
            "provenance": provenance(self.trial),
        }

    def __str__(self) -> str:
        law = self.law
        spread = law.spread
        lines = [
            f"{self.trial.name}: analysis of this person's own strides ({law.strides} {law.side} strides)",
            f"Standard deviation between strides: foot angle {spread['foot_progression_angle_deg']:.1f}°, step width"
            f" {100 * spread['step_width_m']:.1f} cm, body over the foot"
            f" {1000 * spread['body_from_pressure_m']:.0f} mm,",
            f"speed {spread['speed_m_s']:.3f} m/s, step length {100 * spread['step_length_m']:.1f} cm, position along"
            f" the walkway {100 * spread['place_along_m']:.0f} cm.",
            "",
        ]
        for one in law.settings:
            what = f"{one.what.capitalize()}: {one.told}; default {one.usual:g}."
            lines.append(
                f"{what} Certain enough: used with --personal."
                if one.settled
                else f"{what} Not certain enough ({one.doubt}): the default is kept."
            )
        head = f"{'own':>8}{'95 % interval':>18}{'default':>9}{'personal':>10}"
        lines += ["", f"{'Slope, other things being equal':60}{head}"]
        for _, row in self.slopes().iterrows():
            interval = f"{row.low:+.2f} to {row.high:+.2f}"
            numbers = f"{row.own:>+8.2f}{interval:>18}{row.default:>+9.2f}{row.personal:>+10.2f}"
            doubt = f"  {row.outside} outside the interval" if row.outside else ""
            lines.append(f"{row.peak + ', ' + row.unit:60}{numbers}{doubt}")
        lines += [
            "",
            "Own: over this person's strides, corrected for speed, step length and position along the walkway. Default",
            "and personal: simulated. Natural variation in step width is not the same as deliberately wider steps.",
            DISCLAIMER,
        ]
        return "\n".join(lines)

    __repr__ = __str__


def _per(outcome: str) -> str:
    kind = next(one for one in KINDS.values() if one.outcome == outcome)
    return f"{kind.amount(kind.slope_step)} of {PEAKS[outcome].label.lower()}"
