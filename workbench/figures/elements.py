"""What every figure is put together from: the drawing library loaded, options given to it, axes with their units."""

from __future__ import annotations

from typing import Any, Final

from workbench.core.changes.kind import Kind
from workbench.core.vocabulary import Quantity
from workbench.figures.backend import Backend, hv

SMALL: Final = {"title": 8, "legend": 8, "labels": 10}  # pt


def styled(element: Any, *, backend: Backend = "bokeh", **options: Any) -> Any:
    """An element with options of a backend, which is named: somebody may have chosen another one for their own."""
    return element.opts(backend=backend, **options)


def dimension(quantity: Quantity, label: str = "") -> hv.Dimension:
    """The axis of a quantity, with its unit."""
    return hv.Dimension(quantity.name, label=label or quantity.label, unit=quantity.unit)


def change_dimension(kind: Kind) -> hv.Dimension:
    """The axis of a change of gait, with both its ways."""
    label = f"Change of {kind.label}, {kind.less.option} − / {kind.more.option} +"
    return hv.Dimension(kind.shown_name, label=label, unit=kind.shown_unit)


def in_sentence(label: str) -> str:
    """A label within a sentence; abbreviations stay."""
    return label if label[:2].isupper() else label[0].lower() + label[1:]
