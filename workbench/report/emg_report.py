"""The second opinion of the EMG as tables, text and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core.declaration import documented
from workbench.core.emg_opinion import EmgOpinion, doubts, mean_correlation
from workbench.core.findings import Finding
from workbench.core.settings import LoadSettings, Processing
from workbench.core.types import Trial
from workbench.core.vocabulary import PEAKS, Side
from workbench.provenance import provenance
from workbench.report.findings_report import findings_document, findings_lines

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = tuple(name for name in PEAKS if "cf_peak" in name)


def told(number: float) -> str:
    """Two decimals, or a dash for what is not known.

    Examples
    --------
    >>> told(0.834), told(float("nan"))
    ('0.83', '–')
    """
    return "–" if np.isnan(number) else f"{number:.2f}"


@dataclass(frozen=True, eq=False, repr=False)
class EmgAnswer:
    """Computed activations beside recorded EMG, and the contact force when muscles follow it.

    Parameters
    ----------
    trial : Trial
    side : {"left", "right"}
    opinions : sequence of EmgOpinion
        One for each stride; tables hold their means.
    settings : LoadSettings
    processing : Processing

    Examples
    --------
    >>> import workbench
    >>> from workbench.core.emg_opinion import EmgOpinion
    >>> from workbench.core.vocabulary import PEAKS
    >>> opinion = EmgOpinion({}, {}, {}, {"soleus_l": 0.8}, {"soleus_l": 0.9}, dict.fromkeys(PEAKS, 2.0),
    ...     dict.fromkeys(PEAKS, 2.5))
    >>> walk = workbench.open_trial("reference")
    >>> answer = EmgAnswer(walk, "left", [opinion], workbench.LoadSettings(), workbench.Processing())
    >>> print(answer)  # doctest: +ELLIPSIS
    Reference walk: left leg, one stride; EMG low-passed at 6 Hz, delayed by 40 ms, weight 10
    ...
    """

    trial: Trial
    side: Side
    opinions: Sequence[EmgOpinion]
    settings: LoadSettings
    processing: Processing

    def muscles(self) -> pd.DataFrame:
        """Correlation over the cycle of each muscle's activation with its EMG: optimised, and following the EMG.

        Examples
        --------
        >>> import workbench
        >>> from workbench.core.emg_opinion import EmgOpinion
        >>> from workbench.core.vocabulary import PEAKS
        >>> opinion = EmgOpinion({}, {}, {}, {"soleus_l": 0.8}, {"soleus_l": 0.9}, dict.fromkeys(PEAKS, 2.0),
        ...     dict.fromkeys(PEAKS, 2.5))
        >>> walk = workbench.open_trial("reference")
        >>> answer = EmgAnswer(walk, "left", [opinion], workbench.LoadSettings(), workbench.Processing())
        >>> answer.muscles().loc["soleus_l"].tolist()
        [0.8, 0.9]
        """
        import pandas as pd

        optimised = mean_correlation([one.correlation_optimised for one in self.opinions])
        following = mean_correlation([one.correlation_following for one in self.opinions])
        return pd.DataFrame({"optimised": optimised, "following": following}).rename_axis("muscle")

    def peaks(self) -> pd.DataFrame:
        """Peaks of the contact force (body weight): muscles optimised, those with EMG following it, and the change.

        Examples
        --------
        >>> import workbench
        >>> from workbench.core.emg_opinion import EmgOpinion
        >>> from workbench.core.vocabulary import PEAKS
        >>> opinion = EmgOpinion({}, {}, {}, {"soleus_l": 0.8}, {"soleus_l": 0.9}, dict.fromkeys(PEAKS, 2.0),
        ...     dict.fromkeys(PEAKS, 2.5))
        >>> walk = workbench.open_trial("reference")
        >>> answer = EmgAnswer(walk, "left", [opinion], workbench.LoadSettings(), workbench.Processing())
        >>> answer.peaks()["change"].unique().tolist()
        [0.5]
        """
        import pandas as pd

        rows = {}
        for name in _SHOWN:
            optimised = float(np.mean([one.peaks_optimised[name] for one in self.opinions]))
            following = float(np.mean([one.peaks_following[name] for one in self.opinions]))
            rows[name] = {"optimised": optimised, "following": following, "change": following - optimised}
        return pd.DataFrame(rows).T.rename_axis("name")

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Whether the EMG can be of this leg and clock.

        Examples
        --------
        >>> import workbench
        >>> from workbench.core.emg_opinion import EmgOpinion
        >>> from workbench.core.vocabulary import PEAKS
        >>> opinion = EmgOpinion({}, {}, {}, {"soleus_l": 0.8}, {"soleus_l": 0.9}, dict.fromkeys(PEAKS, 2.0),
        ...     dict.fromkeys(PEAKS, 2.5))
        >>> walk = workbench.open_trial("reference")
        >>> answer = EmgAnswer(walk, "left", [opinion], workbench.LoadSettings(), workbench.Processing())
        >>> answer.findings
        ()
        """
        return doubts(self.muscles()["optimised"].to_dict(), self.side)

    def document(self) -> dict[str, Any]:
        """The JSON document, schema ``workbench.emg/1``, ready for `json.dumps`.

        Examples
        --------
        >>> import workbench
        >>> from workbench.core.emg_opinion import EmgOpinion
        >>> from workbench.core.vocabulary import PEAKS
        >>> opinion = EmgOpinion({}, {}, {}, {"soleus_l": 0.8}, {"soleus_l": 0.9}, dict.fromkeys(PEAKS, 2.0),
        ...     dict.fromkeys(PEAKS, 2.5))
        >>> walk = workbench.open_trial("reference")
        >>> answer = EmgAnswer(walk, "left", [opinion], workbench.LoadSettings(), workbench.Processing())
        >>> answer.document()["correlation"]
        {'soleus_l': {'optimised': 0.8, 'following': 0.9}}
        """
        muscles = self.muscles().astype(object).where(lambda table: table.notna(), None)
        return {
            "schema": "workbench.emg/1",
            "trial": self.trial.name,
            "side": self.side,
            "strides": len(self.opinions),
            "correlation": muscles.to_dict(orient="index"),
            "peaks": self.peaks().to_dict(orient="index"),
            "settings": {**documented(self.settings), **documented(self.processing)},
            "findings": findings_document(self.findings),
            "provenance": provenance(self.trial),
        }

    def __str__(self) -> str:
        count, processing = len(self.opinions), self.processing
        lines = [
            f"{self.trial.name}: {self.side} leg, {f'mean of {count} strides' if count > 1 else 'one stride'};"
            f" EMG low-passed at {processing.emg_cutoff_hz:g} Hz, delayed by {1000 * processing.emg_delay_s:g} ms,"
            f" weight {self.settings.emg_weight:g}",
            "",
            f"{'Correlation with the EMG':28}{'optimised':>10}{'following':>11}",
        ]
        lines += [
            f"{name:28}{told(row.optimised):>10}{told(row.following):>11}" for name, row in self.muscles().iterrows()
        ]
        means = self.muscles().mean()
        lines.append(f"{'mean':28}{told(means.optimised):>10}{told(means.following):>11}")
        lines += ["", f"{'Contact force (BW)':28}{'optimised':>10}{'following':>11}{'change':>9}"]
        lines += [
            f"{PEAKS[str(name)].label:28}{row.optimised:>10.2f}{row.following:>11.2f}{row.change:>+9.2f}"
            for name, row in self.peaks().iterrows()
        ]
        lines += ["", *findings_lines(self.findings)]
        return "\n".join(lines).rstrip()

    __repr__ = __str__
