"""Parts of every figure: the drawing library, its options, axes with units."""

from __future__ import annotations

from typing import Any, Final

from workbench.core.changes.kind import Kind
from workbench.core.vocabulary import Quantity
from workbench.figures.backend import Backend, hv

SMALL: Final = {"title": 8, "legend": 8, "labels": 10}  # pt


def styled(element: Any, *, backend: Backend = "bokeh", **options: Any) -> Any:
    """An element with options of a named backend, as users may have chosen another default."""
    return element.opts(backend=backend, **options)


def dimension(quantity: Quantity, label: str = "") -> hv.Dimension:
    """The axis of a quantity, with its unit."""
    return hv.Dimension(quantity.name, label=label or quantity.label, unit=quantity.unit)


def change_dimension(kind: Kind) -> hv.Dimension:
    """The axis of a change of gait, with both directions."""
    label = f"Change of {kind.label}, {kind.less.option} − / {kind.more.option} +"
    return hv.Dimension(kind.shown_name, label=label, unit=kind.shown_unit)


def in_sentence(label: str) -> str:
    """A label within a sentence; abbreviations keep their capitals."""
    return label if label[:2].isupper() else label[0].lower() + label[1:]
