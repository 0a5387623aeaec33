"""Body and footprints of a session: what they show, and the views that show it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, Final

import numpy as np
import panel as pn
import panel_material_ui as pmui
import param

from workbench.core.changes import KINDS, Changes
from workbench.core.errors import WorkbenchError
from workbench.core.response import PLANE, node_points
from workbench.core.results import LoadsOfStrides, Simulation
from workbench.core.settings import GaitModification, Processing
from workbench.core.types import Array, Stride
from workbench.dashboard.charts import recorded_key
from workbench.dashboard.footprint_figure import footprint_view, recolour, update
from workbench.dashboard.prints import Prints
from workbench.dashboard.skeleton import Skeleton, force_limit_bw
from workbench.report.browser import shown_values
from workbench.scene.bodies import BodyMotion
from workbench.scene.footprint import Footprints, footprints
from workbench.session.question import GAIT_ASSUMPTIONS, PROCESSING
from workbench.session.session import Session
from workbench.session.solvers import BodySolver, Later, Schedule

_Key = tuple[int, Stride | None, Processing]  # trial, stride and how the recording is processed

_LATER_MS = 60.0  # the curves are painted by then

#: Places of each change at which the motion is solved; in between it is a polynomial, within a millimetre.
PLACES: Final = {name: np.array([-KINDS[name].reach, 0.0, KINDS[name].reach]) for name in PLANE}
#: The same as the browser reads them, by shown names in shown units.
_SHOWN_PLACES: Final = {
    KINDS[name].shown_name: (KINDS[name].shown_factor * places).tolist() for name, places in PLACES.items()
}


class BodyState(param.Parameterized):
    """The body of a session: the recorded walk and the modified one.

    The modified motion is solved directly until a grid of solutions is ready; from then on it is interpolated.

    Parameters
    ----------
    session : Session
    solver : BodySolver
    schedule : callable
        Runs a function on the thread that owns the page.
    later : callable
        The same after some milliseconds: the curves go first, and moves of a slider in between are passed over.
    """

    scene = param.Parameter(default=None, doc="Surfaces of the model, a Scene; None until ready.")
    recorded = param.Parameter(default=None, doc="The recorded walk, a BodyMotion; None until ready.")
    modified = param.Parameter(
        default=None,
        doc="The modified walk as it was solved, a BodyMotion; None where nothing is modified or the nodes cover it.",
    )
    nodes = param.Parameter(
        default=None, doc="Modified walks at every node of `PLACES`, the last change varying fastest; None until known."
    )
    held = param.Parameter(default=GaitModification(), doc="What the nodes hold beside their places.")

    def __init__(
        self, session: Session, solver: BodySolver, *, schedule: Schedule, later: Later, **params: Any
    ) -> None:
        super().__init__(**params)
        self._session, self._solver = session, solver
        self._schedule, self._later = schedule, later
        self._key: _Key | None = None
        self._waiting = False
        self._direct: Future[BodyMotion] | None = None
        self._asked: list[Future[Any]] = []
        session.param.watch(self._leg_changed, ["trial", "side", "stride_number", "strides", *PROCESSING])
        session.param.watch(self._forget_nodes, list(GAIT_ASSUMPTIONS))
        session.param.watch(self._ask_nodes, "prepared")
        session.param.watch(self._answer_changed, "answer")
        self._leg_changed()

    def close(self) -> None:
        """Cancel all pending work."""
        self._key = None
        self._forget_nodes()

    def _leg_changed(self, *_: object) -> None:
        session = self._session
        key = self._present()
        if session.stride is None or key == self._key:
            return
        model_changed = self._key is None or self._key[0] != key[0]
        self._key = key
        self._forget_nodes()
        self.param.update(recorded=None, modified=None)
        if model_changed:
            self.scene = None
            self._ask(self._solver.scene(session.trial, session.processing), partial(self._set, "scene"))
        self._ask(self._motion(GaitModification()), partial(self._set, "recorded"))

    def _present(self) -> _Key:
        return id(self._session.trial), self._session.stride, self._session.processing

    def _motion(self, modification: GaitModification) -> Future[BodyMotion]:
        session = self._session
        assert session.stride is not None
        return self._solver.motion(session.trial, session.processing, session.stride, modification)

    def _set(self, name: str, value: object) -> None:
        self.param.update(**{name: value})

    def _ask(self, future: Future[Any], arrived: Callable[[Any], None]) -> None:
        key = self._key
        self._asked = [one for one in self._asked if not one.done()] + [future]

        def finished() -> None:
            if key != self._key or future.cancelled():
                return
            try:
                arrived(future.result())
            except WorkbenchError as error:
                self._session.error = str(error)

        if future.done():
            finished()
        else:
            future.add_done_callback(lambda _: None if future.cancelled() else self._schedule(finished))

    def _forget_nodes(self, *_: object) -> None:
        for future in self._asked:
            future.cancel()
        self._asked, self._direct, self.nodes = [], None, None

    def _ask_nodes(self, *_: object) -> None:
        """Once the loads are prepared, prepare the motions."""
        session = self._session
        if session.prepared < 1.0 or session.stride is None or (self.nodes and self._holds(session.modification)):
            return
        nodes: dict[Changes, BodyMotion] = {}
        wanted = node_points(tuple(PLACES), list(PLACES.values()))
        held = session.modification

        def arrived(node: Changes, motion: BodyMotion) -> None:
            nodes[node] = motion
            if len(nodes) == len(wanted):
                self.param.update(nodes=tuple(nodes[one] for one in wanted), held=held)
                self._refresh()

        for node in wanted:
            change = held.changed({name: node[name] for name in PLACES})
            self._ask(self._motion(change), partial(arrived, node))

    def _answer_changed(self, *_: object) -> None:
        if not self._waiting:
            self._waiting = True
            self._later(self._refresh, _LATER_MS)

    def _refresh(self) -> None:
        """Show the motion of the answer on the screen."""
        self._waiting = False
        answer = self._session.answer
        if answer is None or self._present() != self._key:
            return
        change = answer.modification
        if self._direct is not None:
            self._direct.cancel()
        if change.is_none or (self.nodes and self._between_nodes(change)):
            self.modified = None
        else:
            self._direct = self._motion(change)
            self._ask(self._direct, partial(self._set, "modified"))

    def _holds(self, change: GaitModification) -> bool:
        return change.changes.without(PLACES) == self.held.changes.without(PLACES)

    def _between_nodes(self, change: GaitModification) -> bool:
        return self._holds(change) and all(abs(change[name]) <= places[-1] for name, places in PLACES.items())


def compartment_loads(loads: LoadsOfStrides) -> Array:
    """Medial and lateral contact force, (101, 2), body weights."""
    return np.column_stack([loads.curves[f"{part}_contact_force_bw"] for part in ("medial", "lateral")])


class Body(pn.viewable.Viewer):
    """The 3D body and the footprints of a session.

    Parameters
    ----------
    session : Session
    state : BodyState
    key : str
        Of the answers that the view follows, see `workbench.dashboard.levers`.
    """

    dark = param.Boolean(default=False, doc="Whether the page is dark.")

    def __init__(self, session: Session, state: BodyState, key: str, **params: Any) -> None:
        super().__init__(**params)
        self._session, self._state, self._key = session, state, key
        self.skeleton = Skeleton(sizing_mode="stretch_width", height=380, margin=0, store=key)
        self.param.watch(self._turn_dark, "dark")
        state.param.watch(self._show_scene, "scene")
        state.param.watch(self._show_recorded, "recorded")
        state.param.watch(self._show_modified, "modified")
        state.param.watch(self._show_nodes, "nodes")
        session.param.watch(self._show_loads, "answer")
        self._coloured: object = None
        self._show_scene()

    def __panel__(self) -> pn.viewable.Viewable:
        """Body above footprints."""
        speed = pmui.Select.from_param(
            self.skeleton.param.speed, label="Speed", options={"quarter": 0.25, "half": 0.5, "full": 1.0}, size="small",
            width=100, margin=(6, 8), description="",
        )  # fmt: skip
        forces = pmui.Checkbox.from_param(
            self.skeleton.param.forces_visible, label="Force", description="", margin=(4, 8)
        )
        ghost = pmui.Checkbox.from_param(
            self.skeleton.param.recorded_visible, label="Natural gait", description="", margin=(4, 8)
        )
        return pn.Column(
            self.skeleton,
            pn.Row(speed, forces, ghost, margin=0, sizing_mode="stretch_width"),
            self._footprints(),
            sizing_mode="stretch_width",
            margin=0,
        )

    def _footprints(self) -> pn.viewable.Viewable:
        view = footprint_view(dark=self.dark, height=310, key=self._key)
        pane = pn.pane.Bokeh(view.figure, sizing_mode="stretch_width", height=310, margin=0)
        prints = Prints(store=self._key, sizing_mode="stretch_width", margin=(0, 8))
        state = self._state

        def laid(motion: BodyMotion, answer: Simulation, loads: LoadsOfStrides) -> Footprints:
            return footprints(state.scene, motion, **_named(answer, loads))

        def show_natural(*_: object) -> None:
            answer = self._session.answer
            if state.scene is None or state.recorded is None or answer is None:
                update(view, None, None)
                return
            recorded = laid(state.recorded, answer, answer.baseline)
            update(view, recorded, None)
            prints.set_natural(recorded, answer.side)
            show_nodes()
            show_direct()

        def show_nodes(*_: object) -> None:
            answer = self._session.answer
            if state.nodes is not None and prints.recorded is not None and answer is not None:
                motions = [footprints(state.scene, motion) for motion in state.nodes]
                prints.set_nodes(motions, _SHOWN_PLACES, shown_values(state.held.changes))

        def show_direct(*_: object) -> None:
            answer = self._session.answer
            if prints.recorded is not None and answer is not None:
                prints.set_direct(None if state.modified is None else laid(state.modified, answer, answer.modified))

        state.param.watch(show_natural, ["recorded", "scene"])
        state.param.watch(show_nodes, "nodes")
        state.param.watch(show_direct, "modified")
        self.param.watch(lambda event: recolour(view, dark=event.new), "dark")
        show_natural()
        return pn.Column(pane, prints, sizing_mode="stretch_width", margin=0)

    def _turn_dark(self, *_: object) -> None:
        self.skeleton.dark = self.dark

    def _show_scene(self, *_: object) -> None:
        if self._state.scene is not None:
            self.skeleton.set_scene(self._state.scene)
            self._show_recorded()

    def _show_recorded(self, *_: object) -> None:
        state, session, answer = self._state, self._session, self._session.answer
        if state.scene is None or state.recorded is None or session.trial is None:
            return
        loads, self._coloured = None, None
        if answer is not None and answer.strides == (session.stride,):
            loads, self._coloured = compartment_loads(answer.baseline), recorded_key(answer)
            self.skeleton.force_limit_bw = force_limit_bw(loads)
        self.skeleton.set_recorded(
            state.recorded, loads, side=session.side, body_weight_N=session.trial.subject.body_weight_N
        )
        self._show_nodes()
        self._show_modified()

    def _show_nodes(self, *_: object) -> None:
        state = self._state
        if state.nodes is not None and state.recorded is not None:
            self.skeleton.set_nodes(state.nodes, _SHOWN_PLACES, shown_values(state.held.changes))

    def _show_loads(self, *_: object) -> None:
        """Colour the compartments of the recorded walk once their loads are known, and when a setting changes them."""
        if recorded_key(self._session.answer) != self._coloured:
            self._show_recorded()

    def _show_modified(self, *_: object) -> None:
        answer = self._session.answer
        if self._state.recorded is not None and answer is not None:
            self.skeleton.set_modified(self._state.modified, compartment_loads(answer.modified))


def _named(answer: Simulation, loads: LoadsOfStrides) -> dict[str, Any]:
    """The numbers of the table, so that the footprints name the same."""
    return {
        "progression_angle_deg": {answer.side: loads.peaks["foot_progression_angle_deg"]},
        "step_width_m": loads.peaks["step_width_m"],
    }
