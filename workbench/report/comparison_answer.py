"""A comparison of measured and simulated change for notebooks: tables, figure, text and document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from workbench.core.comparison import GaitComparison
from workbench.core.vocabulary import DISCLAIMER
from workbench.report import comparison_report
from workbench.report.html import render

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class ComparisonAnswer:
    """A recorded change of gait and its simulation; displayed as a table in a notebook.

    Parameters
    ----------
    comparison : GaitComparison
        Every number behind the tables.

    Examples
    --------
    >>> import workbench
    >>> walk = workbench.open_trial("reference")
    >>> answer = workbench.compare(normal=[walk], modified=[walk])  # the same walk: nothing has changed
    >>> float(answer.summary()["measured"].abs().max())
    0.0
    """

    comparison: GaitComparison

    def summary(self) -> pd.DataFrame:
        """Normal value, measured change, simulated change and error of each peak, with ``sign`` and ``remark``.

        Returns
        -------
        pandas.DataFrame
            By the names of `workbench.core.vocabulary.PEAKS`. Changes are of the means over all strides: modified minus
            normal trials (``measured``), simulated minus normal trials (``simulated``), and their difference
            (``error``), in ``unit``.

        Examples
        --------
        >>> import workbench
        >>> walk = workbench.open_trial("reference")
        >>> workbench.compare(normal=[walk], modified=[walk]).summary().columns.to_list()
        ['quantity', 'unit', 'normal', 'measured', 'simulated', 'error', 'sign', 'remark']
        """
        return comparison_report.comparison_table(self.comparison)

    def curves(self) -> pd.DataFrame:
        """Measured and simulated change of each curve over the cycle, 101 rows.

        Returns
        -------
        pandas.DataFrame
            ``percent`` of the stride (of stance where no whole stride was recorded) and, for each name of
            `workbench.core.vocabulary.CURVES`, ``measured_`` and ``simulated_``: changes from the normal trials.

        Examples
        --------
        >>> import workbench
        >>> walk = workbench.open_trial("reference")
        >>> workbench.compare(normal=[walk], modified=[walk]).curves().shape
        (101, 11)
        """
        return comparison_report.curves_of_changes(self.comparison)

    def plot(self) -> Any:
        """Draw measured and simulated change of medial and lateral force, KAM and KFM over the cycle.

        Returns
        -------
        holoviews.Layout
            Shown as the last line of a cell. Changes from the normal trials; grey dashed: between the recorded walks
            (whose contact forces are simulated, too); solid, in the colour of the leg: the simulated change of gait.

        Examples
        --------
        >>> import workbench
        >>> walk = workbench.open_trial("reference")
        >>> len(workbench.compare(normal=[walk], modified=[walk]).plot())
        4
        """
        from workbench.figures.plots import plot_comparison

        return plot_comparison(self.comparison)

    def document(self) -> dict[str, object]:
        """Everything with settings, findings and provenance, as ``workbench compare --json`` writes it.

        Returns
        -------
        dict
            Schema ``workbench.comparison/1``, ready for `json.dumps`.

        Examples
        --------
        >>> import workbench
        >>> walk = workbench.open_trial("reference")
        >>> workbench.compare(normal=[walk], modified=[walk]).document()["schema"]
        'workbench.comparison/1'
        """
        return comparison_report.comparison_document(self.comparison)

    def __str__(self) -> str:
        return comparison_report.comparison_text(self.comparison)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        headline, trials, *_ = str(self).splitlines()
        table = self.summary().to_html(float_format=lambda value: f"{value:.3f}", index=False)
        return render(
            "answer.html",
            headline=headline,
            change=trials,
            table=Markup(table),
            findings=self.comparison.findings,
            disclaimer=DISCLAIMER,
        )
