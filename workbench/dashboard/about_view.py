"""The view "About the numbers": methods, assumptions, limits and sources."""

from __future__ import annotations

from typing import Any, Final

import panel as pn
import param

from workbench.core.changes import achieved
from workbench.core.vocabulary import CURVES, DISCLAIMER, PEAKS, TEST_RETEST_ERROR
from workbench.dashboard.peaks import TABLE_STYLE
from workbench.session.session import Session

_STYLE: Final = """
:host { font-size: 16px; line-height: 1.5; } section { max-width: 78ch; } h2 { font-size: 19px; margin: 18px 0 4px; }
p.warning { font-size: 18px; font-weight: 600; } td, td.text { white-space: normal; text-align: left; }
"""


class AboutView(pn.viewable.Viewer):
    """How the numbers are computed, and their limits."""

    dark = param.Boolean(default=False, doc="Whether the page is dark.")
    looked_at = param.Boolean(default=False, doc="Whether the view is visible.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self._session = session

    def __panel__(self) -> pn.viewable.Viewable:
        """The text, with the figures of the trial on the screen."""
        pane = pn.pane.HTML(stylesheets=[TABLE_STYLE, _STYLE], sizing_mode="stretch_width", margin=(0, 16))

        def show(*_: object) -> None:
            pane.object = about_html(self._session)

        self._session.param.watch(show, ["surface", "interpolation"])
        show()
        return pane


def about_html(session: Session) -> str:
    """The whole text."""
    settings, change = session.settings, session.modification
    lift_off = (
        "They always add up to the total; a negative force means lift-off in the model and is shown."
        if settings.compartments_may_lift_off
        else "They always add up to the total. No compartment can pull: where static optimisation alone would let one"
        " lift off, the muscles are made to prevent it, and the Data view lists the extra force."
    )
    error = session.interpolation
    measured = (
        f" For the leg shown, the interpolation error at {len(error.points)} points between the nodes is: contact"
        f" force within {error.contact_force_bw:.3f} BW, adduction moment within {error.kam_pct_bw_ht:.4f} % BW·ht."
        if error is not None
        else ""
    )
    quantities = "".join(
        f'<tr><th scope="row">{one.label}</th><td>{one.unit}</td><td>{one.sign}</td></tr>'
        for one in (*CURVES.values(), *achieved().values())
    )
    retest = "".join(
        f"<p>{PEAKS[name].label}: {value:g} {PEAKS[name].unit}, {source}. The effect of 10° in one person is usually"
        " smaller, so only changes within one session and one model are meaningful.</p>"
        for name, (value, source) in TEST_RETEST_ERROR.items()
    )
    return f"""<section>
<p class="warning">{DISCLAIMER}</p>
<h2>From the recording to the loads</h2>
<p>Joint angles and ground forces are filtered, and inverse dynamics gives the moments of the leg. Muscle forces
come from static optimisation: the smallest weighted sum of squared activations that produces these moments. The knee
reaction balances ground reaction, gravity, inertia and muscle forces on shank and foot; medial and lateral force follow
from the balance of moments about two contact points {1000 * settings.contact_spacing_m:g}
mm apart. {lift_off}</p>
<h2>The modified gait</h2>
<p>The feet keep their recorded path but are turned about a point at {change.pivot:g} of foot length from the heel and
shifted sideways, each by half of the change of step width; legs and pelvis follow with the smallest departure from the
recording. The centre of pressure moves with the foot. Body and ground force: {change.force_rule}. Speed, trunk, step
length and muscle strategy stay as recorded:
a person who really walks this way may do something else, and loads at hip and ankle change too.</p>
<p>The pivot determines the size and sign of the effect. The Map view shows the result for 0.35 and 0.65.</p>
<h2>Why the sliders respond instantly</h2>
<p>The mechanics are solved at a few nodes of both changes and interpolated; muscles and contact are solved again for
every answer.{measured}</p>
<h2>How accurate the numbers are</h2>
<p>Compared with instrumented knees, the contact force of such models is off by 0.3 to 0.5 body weights, more than the
effect of a change of foot angle. Rely on changes, not absolute values. The adduction moment is not the medial force: it
can fall while the force rises (Walter et al. 2010; Richards et al. 2018).</p>
<p>The peaks of one person also differ between two laboratory sessions. Standard error of measurement:</p>{retest}
<h2>Signs and units</h2>
<table><thead><tr><th scope="col">Quantity</th><th scope="col">Unit</th><th
scope="col">Positive</th></tr></thead>
<tbody>{quantities}</tbody></table>
<p>BW is body weight, ht body height. First and second peak: the largest value in the first and second half of
stance.</p></section>"""
