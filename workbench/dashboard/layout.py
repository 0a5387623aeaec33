"""Layout of the parts of a view."""

from __future__ import annotations

import panel as pn


def side_by_side(*columns: pn.Column) -> pn.FlexBox:
    """Columns side by side, or stacked on a narrow page."""
    for column in columns:
        column.param.update(
            margin=8, sizing_mode="stretch_width", styles={"flex": "1 1 380px", "min-width": "0", "max-width": "100%"}
        )
    return pn.FlexBox(*columns, flex_wrap="wrap", sizing_mode="stretch_width", margin=0)
