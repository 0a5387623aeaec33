"""The panel "About the numbers": methods, assumptions, limits and sources."""

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
    """How the numbers come about and how far they go."""

    dark = param.Boolean(default=False, doc="Whether the page is dark.")
    looked_at = param.Boolean(default=False, doc="Whether the view is in front.")

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
        "Their sum is always the total; a negative force is lift-off in the model, shown as it is."
        if settings.compartments_may_lift_off
        else "Their sum is always the total. No compartment can pull: where the smallest sum would let one lift off,"
        " the muscles hold it down, and the data view says with how much force."
    )
    error = session.interpolation
    measured = (
        f" For the leg on the screen it was measured at {len(error.points)} points between the nodes: contact force"
        f" within {error.contact_force_bw:.3f} BW, adduction moment within {error.kam_pct_bw_ht:.4f} % BW·ht."
        if error is not None
        else ""
    )
    quantities = "".join(
        f'<tr><th scope="row">{one.label}</th><td>{one.unit}</td><td>{one.sign}</td></tr>'
        for one in (*CURVES.values(), *achieved().values())
    )
    retest = "".join(
        f"<p>{PEAKS[name].label}: {value:g} {PEAKS[name].unit}, {source}. The effect of 10° in one person is usually"
        " smaller: it can be read only as a change within one session and one model.</p>"
        for name, (value, source) in TEST_RETEST_ERROR.items()
    )
    return f"""<section>
<p class="warning">{DISCLAIMER}</p>
<h2>From the recording to the loads</h2>
<p>Joint angles and ground forces are filtered, and inverse dynamics gives the moments of the leg. Muscle forces
come from static optimisation: the smallest weighted sum of squared activations that supplies these moments. The
knee's reaction is what ground, gravity and inertia do to shank and foot, less what the muscles do; medial and
lateral force follow from the balance of moments about two contact points {1000 * settings.contact_spacing_m:g}
mm apart. {lift_off}</p>
<h2>The changed gait</h2>
<p>Feet keep their recorded path, turned about a point at {change.pivot:g} of the foot's length from the heel
and moved sideways by half of the change of step width each; legs and pelvis follow with the least departure
from the recording. The centre of pressure moves with the foot. The rule for body and ground force:
{change.force_rule}. Speed, trunk, step length and muscle strategy stay as recorded:
a person who really walks so may do otherwise, and hip and ankle change too.</p>
<p>The turning point decides size and sign of the answer. The Map view shows what 0.35 and 0.65 would give.</p>
<h2>Why the slider answers at once</h2>
<p>The mechanics are solved at a few nodes of both changes and interpolated; muscles and contact are solved anew
for every answer.{measured}</p>
<h2>How far the numbers go</h2>
<p>Against instrumented knees, models of this kind err by 0.3 to 0.5 body weights in contact force, more than a
change of foot angle does. Read changes, not values. The adduction moment is not the medial force: it can fall
while the force rises (Walter et al. 2010; Richards et al. 2018).</p>
<p>Between two sessions in a laboratory the same person's peaks differ, too. Standard error of
measurement:</p>{retest} <h2>Signs and units</h2>
<table><thead><tr><th scope="col">Quantity</th><th scope="col">Unit</th><th
scope="col">Positive</th></tr></thead>
<tbody>{quantities}</tbody></table>
<p>BW is body weight, ht body height. First and second peak: the largest value in the first and second half of
stance.</p></section>"""
