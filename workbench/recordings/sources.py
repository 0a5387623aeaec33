"""Which files belong to a recorded walk: files next to the one given, or the parts of an export folder."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from workbench.core.errors import TrialError
from workbench.core.vocabulary import SIDES, Side
from workbench.trials.folder import near_names
from workbench.trials.storage import listing

MARKER_KINDS: Final = (".c3d", ".trc")
_STATIC: Final = re.compile(r"static|calib|t-?pose|neutral|stand", re.IGNORECASE)
#: What a name may end in beyond the trial's own: the first file of a trial leads to the others by what is left.
_ENDINGS: Final = re.compile(
    r"([ _.-]*(markers?|grf|forces?|kinetics|kinematics|coordinates|external_?loads|external_?forces|measured_?loads"
    r"|manual_scaling)|[ _.-]+(new|ik|id|e?kcf|120hz|n))$",  # the short ones may be the end of a name
    re.IGNORECASE,
)
_FORCE_NAME: Final = re.compile(r"grf|force|kinetic", re.IGNORECASE)
_LOADS_NAME: Final = re.compile(r"measured|kcf|implant|contact_force", re.IGNORECASE)


@dataclass(frozen=True)
class Wishes:
    """What the user specifies about a recording; the rest is found, or asked for."""

    mass_kg: float | None = None
    height_m: float | None = None
    static: Path | None = None
    marker_map: Path | None = None
    model: Path | None = None
    forces: Path | None = None
    external_loads: Path | None = None
    plates: bool = True
    measured_loads: Path | None = None
    measured_side: Side | None = None
    trial: str | None = None


@dataclass(frozen=True)
class Sources:
    """The files of one recorded walk."""

    name: str
    markers: Path | None = None
    static: Path | None = None
    forces: Path | None = None
    external_loads: Path | None = None
    coordinates: Path | None = None
    model: Path | None = None
    measured_loads: Path | None = None
    mass_kg: float | None = None
    height_m: float | None = None
    program: str = ""  #: whose export folder it is
    decisions: tuple[str, ...] = ()  #: what was chosen and why, one sentence each

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file given."""
        named = (self.markers, self.static, self.forces, self.external_loads, self.coordinates, self.model,
                 self.measured_loads)  # fmt: skip
        return tuple(path for path in named if path is not None)


def is_static(path: Path) -> bool:
    """Whether a file is named like a static trial.

    Examples
    --------
    >>> is_static(Path("DM_Static1.trc")), is_static(Path("walk.c3d"))
    (True, False)
    """
    return _STATIC.search(path.stem) is not None


def side_in_name(stem: str) -> Side | None:
    """The side in a file's name.

    Examples
    --------
    >>> side_in_name("DM_og1_left_knee"), side_in_name("DM_og1")
    ('left', None)
    """
    return next((side for side in SIDES if side in stem.lower()), None)


def trial_stem(path: Path) -> str:
    """The part of a file's name that related files share.

    Examples
    --------
    >>> [trial_stem(Path(name)) for name in ("DM_og1_new.trc", "DM_og1_external_loads.xml", "DM_og1_grf.sto")]
    ['DM_og1', 'DM_og1', 'DM_og1']
    >>> trial_stem(Path("Madrid_run.c3d"))
    'Madrid_run'
    """
    stem = path.stem
    while (shorter := _ENDINGS.sub("", stem)) and shorter != stem:
        stem = shorter
    return stem


def find_sources(path: Path, wishes: Wishes) -> Sources:
    """Find the files of a recorded walk.

    Parameters
    ----------
    path : Path
        A marker file (.c3d, .trc), a motion (.mot, .sto), or the folder that OpenCap or AddBiomechanics exported;
        ``FOLDER/NAME`` is one trial of such a folder.
    wishes : Wishes
        Files given by the user take precedence over those found.

    Returns
    -------
    Sources

    Raises
    ------
    TrialError
        If there is no such file, its kind is not read, or the folder holds several trials and none is named.
    """
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
    except (OSError, ValueError) as error:
        raise TrialError("this is not a valid file name.", where=str(path)[:80], remedy="Check the name.") from error
    for named in (wishes.static, wishes.marker_map, wishes.model, wishes.forces, wishes.external_loads,
                  wishes.measured_loads):  # fmt: skip
        if named is not None and not named.is_file():
            raise TrialError("there is no such file.", where=str(named), remedy="Check the name and the folder.")
    if is_folder:
        sources = _of_folder(path, wishes)
    elif is_file:
        sources = _of_file(path, wishes)
    elif wishes.trial is None and path.name in trials_of(path.parent):
        sources = _of_folder(path.parent, replace(wishes, trial=path.name))
    else:
        there = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        raise TrialError(
            "there is no such file or folder.",
            where=str(path)[:200],
            remedy=near_names(path.name, there) or "Check it.",
        )
    sources = replace(
        sources,
        static=wishes.static or sources.static,
        model=wishes.model or sources.model,
        forces=(wishes.forces or sources.forces) if wishes.plates else None,
        external_loads=(wishes.external_loads or sources.external_loads) if wishes.plates else None,
        measured_loads=wishes.measured_loads or sources.measured_loads,
        mass_kg=wishes.mass_kg or sources.mass_kg,
        height_m=wishes.height_m or sources.height_m,
    )
    if not wishes.plates:
        sources = _decided(sources, "Force plates are ignored (--no-plates).")
    return sources


def _decided(sources: Sources, *why: str) -> Sources:
    return replace(sources, decisions=(*sources.decisions, *why))


def _of_file(path: Path, wishes: Wishes) -> Sources:
    kind = path.suffix.lower()
    if kind == ".b3d":
        raise TrialError(
            "AddBiomechanics' binary files (.b3d) cannot be read.",
            where=path.name,
            remedy="Download the folder with Models, IK, ID and MarkerData from AddBiomechanics and import that.",
        )
    if kind not in (*MARKER_KINDS, ".mot", ".sto"):
        raise TrialError(
            f"recordings cannot be read from {kind or 'a file without an extension'}.",
            where=path.name,
            remedy="Give a C3D or TRC file, a motion (.mot, .sto), a trial.toml, or an export folder.",
        )
    stem = trial_stem(path)
    beside = [p for p in sorted(path.parent.iterdir()) if p.is_file() and p != path]
    # AddBiomechanics puts the forces of MarkerData/walk.trc into ID/walk_grf.mot.
    export = _files(path.parent.parent / "ID", lambda p: True) if path.parent.name == "MarkerData" else []
    mine = [p for p in (*beside, *export) if trial_stem(p) == stem]
    found = Sources(stem, markers=path if kind in MARKER_KINDS else None)
    found = replace(
        found,
        external_loads=_only([p for p in mine if p.suffix.lower() == ".xml"]),
        measured_loads=_only(
            [p for p in mine if p.suffix.lower() in (".csv", ".xlsx", ".mot", ".sto") and _LOADS_NAME.search(p.stem)]
        ),
    )
    if kind != ".c3d":
        found = replace(
            found,
            forces=_only(
                [p for p in mine if p.suffix.lower() in (".mot", ".sto") and _FORCE_NAME.search(p.stem)
                 and not _LOADS_NAME.search(p.stem)]
            ),
        )  # fmt: skip
    if kind in (".mot", ".sto"):
        found = replace(
            found,
            coordinates=path,
            markers=_only([p for p in mine if p.suffix.lower() in MARKER_KINDS]),
            model=_only([p for p in beside if p.suffix.lower() == ".osim"]),
        )
    else:
        found = replace(found, static=_static_beside(path, beside))
    said = []
    for what, file in (("static trial", found.static), ("forces", found.forces),
                       ("external loads", found.external_loads), ("measured loads", found.measured_loads)):  # fmt: skip
        if file is not None:
            said.append(f"{file.name} next to {path.name} was used as the {what}, going by its name.")
    return _decided(found, *said)


def _only(paths: Sequence[Path]) -> Path | None:
    return paths[0] if len(paths) == 1 else None


def _static_beside(path: Path, beside: Sequence[Path]) -> Path | None:
    """The static trial: of those that are called so, the one whose name is most like the walk's."""
    if is_static(path):
        return None
    found = [p for p in beside if p.suffix.lower() in MARKER_KINDS and is_static(p)]

    def alike(p: Path) -> tuple[int, bool]:
        pairs = zip(p.stem, path.stem, strict=False)
        return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)), p.suffix == path.suffix

    return max(found, key=alike, default=None)


def _of_folder(folder: Path, wishes: Wishes) -> Sources:
    for reader in (_opencap, _addbiomechanics):
        if (found := reader(folder, wishes)) is not None:
            return found
    walks = marker_walks(folder)
    if not walks:
        raise TrialError(
            "the folder contains no trial.toml and no C3D or TRC file, and is not an OpenCap or AddBiomechanics"
            " export.",
            where=str(folder)[:200],
            remedy="Give the file of the walk, or the export folder itself.",
        )
    return _of_file(walks[_chosen(walks, wishes.trial, folder)], wishes)


def marker_walks(folder: Path) -> dict[str, Path]:
    """Marker files of a folder not named static, by their stems; C3D preferred over TRC of the same name."""
    files = [p for p in _files(folder, lambda p: p.suffix.lower() in MARKER_KINDS) if not is_static(p)]
    found = {p.stem: p for p in files}
    return found | {p.stem: p for p in files if p.suffix.lower() == ".c3d"}


def trials_of(folder: Path) -> list[str]:
    """Names of the walks of an export of OpenCap or AddBiomechanics; none for any other folder."""
    return sorted(_opencap_walks(folder)) or _addbiomechanics_walks(folder)


def _opencap_walks(folder: Path) -> dict[str, Path]:
    motions = _files(folder / "OpenSimData" / "Kinematics", lambda p: p.suffix == ".mot")
    return {p.stem: p for p in motions if not is_static(p)}


def _addbiomechanics_walks(folder: Path) -> list[str]:
    if not _files(folder / "Models", lambda p: p.suffix == ".osim"):
        return []
    motions = _files(folder / "IK", lambda p: p.stem.endswith("_ik"))
    names = sorted({re.sub(r"(_manual_scaling)?_ik$", "", p.stem) for p in motions})
    return [name for name in names if not is_static(Path(name))]


def _chosen(names: Sequence[str] | dict[str, Path], wanted: str | None, folder: Path) -> str:
    """The trial that is asked for, or the only one."""
    every = list(names)
    if wanted is not None:
        for name in every:
            if wanted in (name, trial_stem(Path(name))):
                return name
        raise TrialError(
            f"there is no trial {wanted!r}.",
            where=folder.name,
            remedy=near_names(wanted, every) or f"Available trials: {listing(every)}.",
        )
    if len(every) > 1:
        raise TrialError(
            f"the folder contains {len(every)} trials.",
            where=folder.name,
            remedy=f"Choose one with --trial: {listing(every)}.",
        )
    return every[0]


def _opencap(folder: Path, wishes: Wishes) -> Sources | None:
    """A session of OpenCap: ``OpenSimData/{Model,Kinematics}``, ``MarkerData``, ``sessionMetadata.yaml``."""
    if not _files(folder / "OpenSimData" / "Kinematics", lambda p: p.suffix == ".mot"):
        return None
    walks = _opencap_walks(folder)
    if not walks:
        raise TrialError("the session contains no walk, only a neutral pose.", where=folder.name)
    name = _chosen(walks, wishes.trial, folder)
    models = _files(folder / "OpenSimData" / "Model", lambda p: p.suffix == ".osim", deep=True)
    markers = _files(folder / "MarkerData", lambda p: p.suffix == ".trc" and p.stem == name, deep=True)
    if not models:
        raise TrialError("the session contains no model.", where=folder.name, remedy="Download it again from OpenCap.")
    model = next((p for p in models if "scaled" in p.stem and "adjusted" not in p.stem), models[0])
    text = ""
    metadata = next(iter(_files(folder, lambda p: p.name.lower() == "sessionmetadata.yaml")), None)
    if metadata is not None:
        text = metadata.read_text(encoding="utf-8", errors="replace")
    mass, height = (
        float(match[1]) if (match := re.search(rf"^{key}\s*:\s*['\"]?([0-9.]+)", text, re.MULTILINE)) else None
        for key in ("mass_kg", "height_m")
    )
    return Sources(
        name, markers=markers[0] if markers else None, coordinates=walks[name], model=model, mass_kg=mass,
        height_m=height, program="OpenCap",
        decisions=(
            f"The joint angles are OpenCap's own ({walks[name].name}), with the model it scaled ({model.name}).",
            *(["Mass and height are from sessionMetadata.yaml."] if mass and height else []),
        ),
    )  # fmt: skip


def _addbiomechanics(folder: Path, wishes: Wishes) -> Sources | None:
    """An export of AddBiomechanics: ``Models``, ``IK``, ``ID``, ``MarkerData``."""
    motions = _files(folder / "IK", lambda p: p.stem.endswith("_ik"))
    models = _files(folder / "Models", lambda p: p.suffix == ".osim")
    if not motions or not models:
        return None
    by_hand = wishes.model is not None and "manual" in wishes.model.stem
    order = ("final", "match_markers_and_physics", "optimized_scale_and_markers", "match_markers_but_ignore_physics")
    preferred = [p for name in order for p in models if p.stem == name]
    model = next((p for p in models if "manual" in p.stem), models[0]) if by_hand or not preferred else preferred[0]
    walks = _addbiomechanics_walks(folder)
    if not walks:
        raise TrialError("the folder contains no walk, only static trials.", where=folder.name)
    name = _chosen(walks, wishes.trial, folder)
    suffix = "_manual_scaling_ik" if "manual" in model.stem else "_ik"
    motion = next((p for p in motions if p.stem == name + suffix), None)
    if motion is None:
        raise TrialError(
            f"there is no {name}{suffix}.mot that goes with {model.name}.", where=folder.name, remedy="Export it again."
        )
    forces = _files(folder / "ID", lambda p: p.stem == f"{name}_grf")
    loads = _files(folder / "ID", lambda p: p.stem == f"{name}_external_forces")
    markers = _files(folder / "MarkerData", lambda p: p.stem == name)
    return Sources(
        name, markers=markers[0] if markers else None, forces=forces[0] if forces else None,
        external_loads=loads[0] if loads else None, coordinates=motion, model=model, program="AddBiomechanics",
        decisions=(f"The joint angles are {motion.name}, with the model they were computed with ({model.name}).",),
    )  # fmt: skip


def _files(folder: Path, wanted: Callable[[Path], bool], *, deep: bool = False) -> list[Path]:
    if not folder.is_dir():
        return []
    found = folder.rglob("*") if deep else folder.iterdir()
    return sorted(p for p in found if p.is_file() and wanted(p))
