"""The view of a notebook without a notebook: what other cells can ask of it."""

from __future__ import annotations

import asyncio

import pytest

import workbench as wb
from workbench.core.errors import WorkbenchError
from workbench.dashboard.notebook import NotebookView


@pytest.mark.slow
def test_another_cell_sets_a_slider_and_waits_for_the_answer() -> None:
    walk = wb.open_trial("reference")

    async def cells() -> tuple[NotebookView, wb.Answer, wb.Answer]:
        view = wb.explore(walk)
        recorded = await view.answer()
        view.session.foot_progression_change_deg = -10.0
        turned = await view.answer()
        view.session.close()
        return view, recorded, turned

    view, recorded, turned = asyncio.run(asyncio.wait_for(cells(), timeout=120.0))
    assert isinstance(view, NotebookView)
    assert recorded.simulation.modification.is_none
    expected = wb.simulate(walk, toe_in_deg=10).summary()["change"]
    assert turned.summary()["change"].to_numpy() == pytest.approx(expected.to_numpy(), abs=0.02)


@pytest.mark.slow
def test_what_went_wrong_is_raised_where_the_answer_is_awaited() -> None:
    async def cells() -> None:
        view = wb.explore(wb.open_trial("reference"))
        try:
            await view.answer()
            view.session.stride_number = 7
            with pytest.raises(WorkbenchError, match="there is no right stride 7"):
                await view.answer()
        finally:
            view.session.close()

    asyncio.run(asyncio.wait_for(cells(), timeout=120.0))
