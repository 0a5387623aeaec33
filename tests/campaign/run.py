"""Spoil clean recordings in every way that is likely, and see what the workbench says.

    python -m tests.campaign.run --data ../shared/data --out campaign.csv

Each spoiled recording is written to a temporary folder and opened as a user would open it. Where what is wrong is not
named then, it is solved as it was recorded, and where nothing is said of it, with the toes turned in by 10 degrees.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import shutil
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from tests.campaign.faults import Fault, faults, spoiled_model
from tests.campaign.recordings import clean_recordings, copied
from tests.synthetic import SyntheticWalk
from workbench.core.errors import WorkbenchError
from workbench.core.findings import Finding
from workbench.core.settings import GaitModification
from workbench.core.vocabulary import Side
from workbench.simulation.simulate import simulate
from workbench.simulation.walk import Walk
from workbench.trials import open_trial

PEAKS = ("kam_peak_1_pct_bw_ht", "kam_peak_2_pct_bw_ht", "mcf_peak_1_bw", "mcf_peak_2_bw")
TOE_IN = GaitModification(foot_progression_change_deg=-10.0)


@dataclass(frozen=True)
class Answer:
    """What the workbench says of one recording."""

    refused: str  #: the message; empty where numbers are given
    codes: tuple[str, ...]  #: of serious and doubtful findings
    peaks: tuple[float, ...]  #: of the recorded walk
    walk: Walk | None = None
    side: Side | None = None

    def toe_in(self) -> float:
        """Change of the first peak of KAM with the toes turned in."""
        assert self.walk is not None
        result = simulate(self.walk, TOE_IN, side=self.side)
        return result.modified.peaks[PEAKS[0]] - result.baseline.peaks[PEAKS[0]]


@dataclass(frozen=True)
class Outcome:
    """One spoiled recording."""

    recording: str
    kind: str
    size: str
    outcome: str  #: refused, named, other finding, silent
    error_percent: float  #: largest error of a peak against the clean recording; not asked where it is named before
    toe_in_sign_wrong: bool  #: asked of silent ones only
    codes: str
    message: str


def answer(trial_file: Path, enough: Collection[str] = ()) -> Answer:
    """Open a recording, and solve it unless one of the codes that are enough is among what is said before."""
    try:
        walk = Walk(open_trial(trial_file))
        codes = _codes((*walk.trial.findings, *walk.findings))
        if set(enough) & set(codes):
            return Answer("", codes, ())
        result = simulate(walk, GaitModification())
    except WorkbenchError as error:
        return Answer(str(error), (), ())
    peaks = tuple(result.baseline.peaks[name] for name in PEAKS)
    return Answer("", _codes(result.findings), peaks, walk, result.side)


def _codes(findings: Sequence[Finding]) -> tuple[str, ...]:
    return tuple(one.code for one in findings if one.severity != "note" and one.about != "modified walk")


def spoiled(walk: SyntheticWalk, fault: Fault, folder: Path) -> Path:
    """Write a spoiled copy of a clean recording; return its trial.toml."""
    walk = copied(walk)
    if fault.spoil is not None:
        fault.spoil(walk)
    folder.mkdir(parents=True, exist_ok=True)
    model = Path(walk.settings["model"]["file"])
    if fault.spoil_model is None:
        _linked(folder / "model.osim", model)
    else:
        spoiled_model(model, fault.spoil_model, folder / "model.osim")
    walk.settings["model"] = {"file": "model.osim"}
    if "measured_loads" in walk.settings:
        _linked(folder / "loads.csv", model.parent / "loads.csv")
    return walk.write(folder)


def _linked(link: Path, target: Path) -> None:
    if not link.exists():
        link.hardlink_to(target)


def _other_sign(one: float, other: float) -> bool:
    return one * other < 0 and abs(one - other) > 0.02


def judged(name: str, fault: Fault, clean: Answer, clean_toe_in: float, found: Answer) -> Outcome:
    """Compare what was said of a spoiled recording with what was said of the clean one."""
    new = [code for code in found.codes if code not in clean.codes]
    error, wrong, outcome = float("nan"), False, "refused"
    if not found.refused:
        named = any(code in fault.codes for code in new)
        outcome = "named" if named else "other finding" if new else "silent"
        if found.peaks:
            error = max(100 * abs(a - b) / max(abs(b), 0.2) for a, b in zip(found.peaks, clean.peaks, strict=True))
        wrong = outcome == "silent" and _other_sign(found.toe_in(), clean_toe_in)
    return Outcome(name, fault.kind, fault.size, outcome, error, wrong, " | ".join(new), found.refused)


def campaign(
    data: Path | None, folder: Path, chosen: slice = slice(None), kinds: Sequence[str] = (), names: Sequence[str] = ()
) -> Iterator[Outcome]:
    """Run every fault (or each n-th) on every recording."""
    of_each = [
        one_recording(
            name, walk, folder / name.replace(" ", "_"),
            [fault for fault in list(faults(walk))[chosen] if not kinds or fault.kind in kinds],
        )
        for name, walk in clean_recordings(data, folder).items()
        if not names or name in names
    ]  # fmt: skip
    # In turns, so that a campaign that is stopped has all recordings.
    for outcomes in itertools.zip_longest(*of_each):
        yield from (one for one in outcomes if one is not None)


def one_recording(name: str, walk: SyntheticWalk, folder: Path, spoils: Sequence[Fault]) -> Iterator[Outcome]:
    """Run faults on one recording, the clean one first."""
    folder.mkdir(parents=True, exist_ok=True)
    clean = answer(spoiled(walk, Fault("clean", "", ()), folder / "clean"))
    if clean.refused:
        raise AssertionError(f"{name}: {clean.refused}")
    clean_toe_in = clean.toe_in()
    yield Outcome(name, "clean", "", "clean", 0.0, False, " | ".join(clean.codes), "")
    for number, fault in enumerate(spoils):
        try:
            found = answer(spoiled(walk, fault, folder / str(number)), set(fault.codes) - set(clean.codes))
        except Exception as error:
            yield Outcome(name, fault.kind, fault.size, "crash", 0.0, False, "", repr(error))
            continue
        yield judged(name, fault, clean, clean_toe_in, found)
        shutil.rmtree(folder / str(number))


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes by kind as a Markdown table."""
    rows = [
        "| fault | trials | refused | named | other finding | silent | silent > 3 % | silent > 10 % | toe-in wrong |"
    ]
    rows.append("|---|---|---|---|---|---|---|---|---|")
    spoiled_ones = [one for one in outcomes if one.outcome != "clean"]
    kinds = list(dict.fromkeys(one.kind for one in spoiled_ones))
    for kind in [*kinds, "**all**"]:
        of_kind = [one for one in spoiled_ones if kind in (one.kind, "**all**")]
        counts = [
            sum(one.outcome == what for one in of_kind) for what in ("refused", "named", "other finding", "silent")
        ]
        silent = [one for one in of_kind if one.outcome == "silent"]
        counts += [sum(one.error_percent > limit for one in silent) for limit in (3.0, 10.0)]
        counts.append(sum(one.toe_in_sign_wrong for one in silent))
        rows.append(f"| {kind} | {len(of_kind)} | " + " | ".join(map(str, counts)) + " |")
    return "\n".join(rows)


def main() -> None:
    """Run the campaign; each outcome is written as it comes, so that nothing is lost where it is stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--kind", action="append", default=[])
    parser.add_argument("--recording", action="append", default=[])
    parser.add_argument("--every", type=int, default=1)
    settings = parser.parse_args()
    outcomes = []
    with tempfile.TemporaryDirectory() as scratch, settings.out.open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Outcome)])
        writer.writeheader()
        every = slice(None, None, settings.every)
        for one in campaign(settings.data, Path(scratch), every, settings.kind, settings.recording):
            outcomes.append(one)
            writer.writerow(asdict(one))
            file.flush()
    sys.stdout.write(table(outcomes) + "\n")


if __name__ == "__main__":
    main()
