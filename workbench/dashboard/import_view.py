"""From dropped files to an open walk: progress, moving markers, and the form."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from html import escape
from pathlib import Path
from typing import Any, Final

import panel as pn
import panel_material_ui as pmui
import param

from workbench.core.errors import WorkbenchError
from workbench.core.types import Trial
from workbench.dashboard.controls import TEXT_STYLE, TrialChoice, in_turn
from workbench.dashboard.dropper import Dropper
from workbench.dashboard.import_form import ImportForm
from workbench.dashboard.messages import Message
from workbench.dashboard.skeleton import Skeleton
from workbench.intake.importer import Importer
from workbench.intake.seen import IMPORT, LOOK, Answers, Look
from workbench.scene.marker_scene import marker_motion, marker_scene
from workbench.session.session import Session
from workbench.session.solvers import Later

_KINDS: Final = (
    "A C3D, TRC, MOT or STO file with related files (static trial, forces, external loads, model, measured loads as"
    " CSV or xlsx), or a zip: an OpenCap session, an AddBiomechanics export, a trial folder. Drop the files of one"
    " walk together. Only you can see them, and they are deleted when you leave."
)
_STYLE: Final = "progress { width: 100%; height: 10px; } p { margin: 3px 0; }"


class ImportView(pn.viewable.Viewer):
    """Receives files, asks for missing information, and opens the walk.

    Parameters
    ----------
    session : Session
    choice : TrialChoice
    on_close : callable
        Takes what is to be done when the user has gone.
    later : callable
        Runs a function on the thread that owns the page after some milliseconds.
    show_loads : callable
        Brings the view of the loads to the front.
    """

    dark = param.Boolean(default=False, doc="Whether the page is dark.")

    def __init__(
        self,
        session: Session,
        choice: TrialChoice,
        on_close: Callable[[Callable[[], None]], None],
        later: Later,
        show_loads: Callable[[], None],
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._session, self._choice, self._later = session, choice, later
        self._on_close, self._show_loads = on_close, show_loads
        self._importer = Importer()
        on_close(self._importer.stop)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._files: dict[str, bytes] = {}
        self._seen: Look | None = None
        self._before: Look | None = None
        self._ticket = 0
        self._count = 0  # of imports
        self._said = Message()
        self._about = pn.pane.HTML(
            f"<p>{_KINDS}</p>", stylesheets=[TEXT_STYLE, _STYLE], sizing_mode="stretch_width", margin=(0, 8)
        )
        self._place = pn.Column(sizing_mode="stretch_width", margin=0)
        self._skeleton: Skeleton | None = None
        self._form: pn.viewable.Viewable | None = None
        self._progress = pn.pane.HTML(stylesheets=[TEXT_STYLE, _STYLE], sizing_mode="stretch_width", margin=(0, 8))
        self.param.watch(self._turn_dark, "dark")

    def __panel__(self) -> pn.viewable.Viewable:
        """The field for files, and below it what becomes of them."""
        dropper = Dropper(self._arrived, self._failed, self._later, sizing_mode="stretch_width", margin=(4, 8))
        return pn.Column(
            pmui.Typography("Open another recording", variant="h6", margin=(0, 8)),
            self._about,
            dropper,
            self._said.pane,
            self._place,
            sizing_mode="stretch_width",
            margin=0,
        )

    # ---- files and what they hold

    def _arrived(self, files: dict[str, bytes]) -> None:
        """Look at what came; until a walk is open or refused, what comes belongs to what is there."""
        self._files = {**self._files, **files}
        self._importer.stop()  # it may be writing into the folder that goes
        self._drop_folder()
        self._folder = tempfile.TemporaryDirectory(prefix="workbench-", ignore_cleanup_errors=True)
        self._on_close(self._folder.cleanup)
        self._look(self._files, None)

    def _look(self, files: dict[str, bytes], walk: str | None) -> None:
        assert self._folder is not None
        sent = Path(self._folder.name) / "sent"
        # Another walk of the same files may be refused: then the one before is shown again.
        self._before, self._seen = (None if files else self._seen), None
        self._said.say("")
        self._about.visible = False
        self._wait("reading the files", 0.0)
        self._ask(LOOK, files, sent, walk, then=self._looked)

    def _looked(self, seen: Look | Trial) -> None:
        if isinstance(seen, Trial):
            self._open(seen)
            return
        self._seen, self._form, self._skeleton = seen, None, _preview(seen, dark=self.dark)
        if seen.is_complete:
            assert seen.mass_kg is not None
            assert seen.height_m is not None
            self._import(Answers(seen.mass_kg, seen.height_m, seen.sources.static))
        else:
            self._ask_person()

    def _ask_person(self) -> None:
        """Show the form; one that was filled in already comes back as it was."""
        seen = self._seen
        assert seen is not None
        if self._form is None:
            self._form = ImportForm(
                seen, self._import, partial(self._look, {}), self._discard, self._failed, self._later
            ).__panel__()
        found = ", ".join(path.name for path in seen.sources.files)
        words = f"<p><b>{escape(seen.walk.name)}</b>: {escape(found)}.</p>"
        if seen.problem:
            words += f"<p>{escape(seen.problem)}</p>"
        facts = pn.pane.HTML(words, stylesheets=[TEXT_STYLE, _STYLE], sizing_mode="stretch_width", margin=(0, 8))
        self._place.objects = [facts, *self._moving(), self._form]

    # ---- the import

    def _import(self, answers: Answers) -> None:
        assert self._seen is not None
        assert self._folder is not None
        self._said.say("")
        self._wait("starting", 0.0)
        self._count += 1
        target = Path(self._folder.name) / f"trial_{self._count}"
        self._ask(IMPORT, self._seen.walk, answers, target, then=self._imported)

    def _imported(self, trial: Trial) -> None:
        self._open(trial)
        if self._session.trial is trial:
            self._show_loads()

    def _open(self, trial: Trial) -> None:
        try:
            self._session.open(trial)
        except WorkbenchError as error:
            self._failed(error)
            return
        self._said.say(f"{trial.name} is open.", "done")
        self._choice.add(trial)
        seen = self._seen
        if seen is not None and len(seen.walks) > 1:  # the others can be opened from the same files
            self._skeleton = None
            self._ask_person()
        else:
            self._settle()

    def _failed(self, error: WorkbenchError) -> None:
        self._said.say(str(error))
        if self._seen is None and self._before is not None:
            self._seen, self._before, self._form = self._before, None, None
        if self._seen is not None:
            if self._form is None or self._form not in self._place.objects:
                self._ask_person()  # the answers may be the cause
        else:
            self._settle()

    def _discard(self) -> None:
        """Forget the files; what was opened from them stays."""
        self._ticket += 1
        self._importer.stop()
        self._said.say("")
        self._settle()

    def _settle(self) -> None:
        self._seen, self._before, self._form, self._skeleton, self._files = None, None, None, None, {}
        self._place.objects = []
        self._about.visible = True

    def _drop_folder(self) -> None:
        """Files of which nothing is open go at once; the others when the person has gone."""
        if self._folder is None:
            return
        here = Path(self._folder.name).resolve()
        if not any(one.folder is not None and one.folder.is_relative_to(here) for one in self._choice.trials):
            self._folder.cleanup()
        self._folder = None

    # ---- what is shown meanwhile

    def _ask(self, question: str, *arguments: object, then: Callable[[Any], None]) -> None:
        self._ticket += 1
        ticket = self._ticket

        def arrived(future: Future[Any]) -> None:
            if ticket != self._ticket or future.cancelled():
                return
            error = future.exception()
            if isinstance(error, WorkbenchError):
                self._failed(error)
            else:
                then(future.result())

        def told(what: str, share: float) -> None:
            if ticket == self._ticket:
                self._show_progress(what, share)

        future = self._importer.ask(
            question, *arguments, tell=lambda what, share: self._later(partial(told, what, share), 1.0)
        )
        future.add_done_callback(lambda done: self._later(partial(arrived, done), 1.0))

    def _wait(self, what: str, share: float) -> None:
        self._show_progress(what, share)
        cancel = pmui.Button(label="Cancel", variant="outlined", size="small", margin=8)
        cancel.on_click(in_turn(self._later, self._discard))
        self._place.objects = [pn.Row(self._progress, cancel, margin=0, sizing_mode="stretch_width"), *self._moving()]

    def _show_progress(self, what: str, share: float) -> None:
        percent = round(100 * share)
        self._progress.object = (
            f'<p role="status">{escape(what[:1].upper() + what[1:])}: {percent} %</p>'
            f'<progress max="100" value="{percent}" aria-label="Progress of the import"></progress>'
        )

    def _moving(self) -> list[Any]:
        if self._skeleton is None:
            return []
        label = "Recorded markers. The model has not been scaled to them yet."
        return [
            pn.pane.HTML(
                f"<p>{label}</p>", stylesheets=[TEXT_STYLE, _STYLE], sizing_mode="stretch_width", margin=(0, 8)
            ),
            self._skeleton,
        ]

    def _turn_dark(self, *_: object) -> None:
        if self._skeleton is not None:
            self._skeleton.dark = self.dark


def _preview(seen: Look, *, dark: bool) -> Skeleton | None:
    """The markers as moving points; None where none come with the walk."""
    markers = seen.markers
    if markers is None or not markers.names:
        return None
    skeleton = Skeleton(sizing_mode="stretch_width", height=230, margin=(0, 8), dark=dark, speed=1.0)
    skeleton.set_markers(marker_scene(markers.names, seen.sides), marker_motion(markers.time_s, markers.position_m))
    skeleton.playing = True
    return skeleton
