"""The body view: the recorded walk faint, the modified one solid, the knee compartments coloured by load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import panel as pn
import param

from workbench.core.types import Array
from workbench.core.vocabulary import SIDES, Side
from workbench.figures import palette
from workbench.report.browser import with_answers
from workbench.scene.bodies import BodyMotion, Scene

#: Length of the arrow of a ground force of one body weight, metres.
ARROW_M = 0.45

#: What is left of the body in the view from above, where the trunk would hide the feet.
_LEG = ("femur", "tibia", "patella", "talus", "calcn", "toes")
_VERTEX = np.dtype([("position", "<f4", 3), ("normal", "i1", 3), ("body", "u1")])


class Skeleton(pn.custom.JSComponent):
    """Body, ground forces and knee compartments in three dimensions, played in the browser.

    Give it a scene with `set_scene`, then the recorded walk with `set_recorded`, then modified ones with
    `set_modified` as often as wanted: one message of some 50 kB each. Everything else is a parameter.
    """

    frame = param.Number(default=0.0, bounds=(0.0, 100.0), doc="Percent of the stride that is shown; both ways.")
    playing = param.Boolean(default=False, doc="Whether the walk is playing; the browser then sets `frame`.")
    speed = param.Number(default=0.5, bounds=(0.05, 2.0), doc="Playback speed; 1 is as fast as the person walked.")
    view = param.Selector(default="oblique", objects=["oblique", "front", "side", "top", "knee"], doc="Camera.")
    dark = param.Boolean(default=False, doc="Whether the page is dark.")
    recorded_visible = param.Boolean(default=True, doc="Whether the recorded walk is shown with the modified one.")
    forces_visible = param.Boolean(default=True, doc="Whether the ground forces are shown as arrows.")
    force_limit_bw = param.Number(default=3.0, bounds=(0.5, 10.0), doc="Upper end of the colour scale, body weights.")

    bodies = param.Dict(default={}, doc="Names and sides of the bodies, and the knees.")
    vertices = param.Bytes(default=b"", doc="Position, normal and body of each vertex, 16 bytes each.")
    triangles = param.Bytes(default=b"", doc="Vertices of each triangle, uint32.")
    stride = param.Dict(
        default={}, doc="Side, duration, number of instants and ground height of the recorded walk, and what it shows."
    )
    recorded = param.Bytes(default=b"", doc="See `_packed`.")
    modified = param.Bytes(default=b"", doc="See `_packed`; empty where nothing is modified.")
    store = param.String(default="", doc="Key of the answers that it follows, see `workbench.dashboard.levers`.")
    nodes = param.Bytes(default=b"", doc="Modified walks on a grid of changes, each as `_packed`; empty for none.")
    node_places = param.Dict(default={}, doc="Places of the grid along each change, by shown names in shown units.")
    node_held = param.Dict(default={}, doc="The other changes that the nodes hold.")
    palette = param.Dict(default={}, doc="Colours of the sides, the compartments, the scale and both surfaces.")

    _esm = with_answers(Path(__file__).with_suffix(".js").read_text(encoding="utf-8"))

    def __init__(self, **params: Any) -> None:
        super().__init__(palette=_palette(), **params)
        self._body_weight_N = 1.0

    def set_scene(self, scene: Scene) -> None:
        """Send the surfaces of a model; the walk shown before is dropped, as its bodies may differ."""
        packed = np.empty(len(scene.vertices_m), _VERTEX)
        packed["position"] = scene.vertices_m
        packed["normal"] = np.rint(127.0 * scene.normals)
        packed["body"] = scene.vertex_body
        self.param.update(
            bodies={
                "names": list(scene.bodies),
                "sides": [side or "" for side in scene.body_side],
                "legs": [name.rpartition("_")[0] in _LEG for name in scene.bodies],
                "knees": {
                    side: {"body": knee.body, "medial": knee.medial_m.tolist(), "lateral": knee.lateral_m.tolist()}
                    for side, knee in scene.knees.items()
                },
            },
            vertices=packed.tobytes(),
            triangles=scene.triangles.astype("<u4").tobytes(),
            recorded=b"",
            modified=b"",
            nodes=b"",
        )

    def set_recorded(
        self, motion: BodyMotion, compartment_loads_bw: Array | None, *, side: Side, body_weight_N: float
    ) -> None:
        """Send the recorded walk; a modified one shown before is dropped.

        Parameters
        ----------
        motion : BodyMotion
            n instants of the analysed stride.
        compartment_loads_bw : (n, 2) array or None
            Medial and lateral contact force of the analysed knee, body weights; None where they are not known yet.
        side : {"left", "right"}
            The analysed knee.
        body_weight_N : float
        """
        self._body_weight_N = body_weight_N
        heights = [
            point[motion.ground_force_N[foot][:, 1] > 0.05 * body_weight_N, 1]
            for foot, point in motion.ground_point_m.items()
        ]
        self.param.update(
            stride={
                "side": side,
                "duration": float(motion.time_s[-1]),
                "instants": len(motion.time_s),
                "whole": motion.whole,
                "ground": float(np.median(np.concatenate(heights))) if any(map(len, heights)) else 0.0,
            },
            recorded=_packed(motion, compartment_loads_bw, body_weight_N),
            modified=b"",
            nodes=b"",
        )

    def set_nodes(
        self,
        motions: Sequence[BodyMotion],
        places: Mapping[str, Sequence[float]],
        held: Mapping[str, float],
    ) -> None:
        """Send modified walks on a grid of changes, between which the browser moves by itself.

        Parameters
        ----------
        motions : sequence of BodyMotion
            One for each node, the last change varying fastest.
        places : mapping
            Where the nodes lie along each change, by shown names in shown units.
        held : mapping
            The other changes, likewise.
        """
        rows = [_packed(motion, None, self._body_weight_N) for motion in motions]
        self.param.update(
            node_places={name: list(values) for name, values in places.items()},
            node_held=dict(held),
            nodes=b"".join(rows),
        )

    def set_markers(self, scene: Scene, motion: BodyMotion) -> None:
        """Send the markers of a recording instead of a body, see `workbench.scene.marker_scene`."""
        self.set_scene(scene)
        self.set_recorded(motion, None, side="right", body_weight_N=1.0)
        lowest = float(motion.poses[:, 1:, 5].min()) if motion.poses.shape[1] > 1 else 0.0
        self.param.update(
            stride={**self.stride, "what": "markers", "ground": lowest},
            bodies={**self.bodies, "legs": [True] * len(scene.bodies)},  # nothing hides them in the view from above
        )

    def set_modified(self, motion: BodyMotion | None, compartment_loads_bw: Array | None) -> None:
        """Send a modified walk over the same instants, or None to show the recorded one alone."""
        self.modified = b"" if motion is None else _packed(motion, compartment_loads_bw, self._body_weight_N)


def force_limit_bw(compartment_loads_bw: Array) -> float:
    """Return an upper end of the colour scale that leaves a third of headroom above the natural loads, body weights."""
    return float(np.clip(np.ceil(2.0 * 1.3 * np.nanmax(compartment_loads_bw)) / 2.0, 0.5, 10.0))


def _packed(motion: BodyMotion, compartment_loads_bw: Array | None, body_weight_N: float) -> bytes:
    """One float32 row per instant: 7 a body; left and right arrow, point and vector in metres; medial, lateral (BW)."""
    n = len(motion.time_s)
    arrows = np.zeros((n, 2, 6))
    for place, side in enumerate(SIDES):
        if side in motion.ground_force_N:
            arrows[:, place, :3] = motion.ground_point_m[side]
            arrows[:, place, 3:] = motion.ground_force_N[side] * (ARROW_M / body_weight_N)
    loads = np.full((n, 2), np.nan) if compartment_loads_bw is None else compartment_loads_bw
    rows = np.hstack([motion.poses.reshape(n, -1), arrows.reshape(n, -1), loads])
    return rows.astype("<f4").tobytes()


def _palette() -> dict[str, Any]:
    return {
        "left": palette.LEFT_COLOUR,
        "right": palette.RIGHT_COLOUR,
        "recorded": palette.RECORDED_COLOUR,
        "force": palette.GROUND_FORCE_COLOUR,
        "scale": list(palette.FORCE_SCALE),
        "light": vars(palette.LIGHT),
        "dark": vars(palette.DARK),
    }
