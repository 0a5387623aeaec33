"""A trial opened with its model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

import numpy as np

from workbench.core import gait
from workbench.core.contacts import contacts_of
from workbench.core.errors import TrialError
from workbench.core.findings import Finding
from workbench.core.lateral_sway import LeanHeight
from workbench.core.legs import find_legs
from workbench.core.settings import GaitModification, Processing
from workbench.core.types import Array, SolvedLeg, Stride, Trial
from workbench.core.vocabulary import CYCLE_PERCENT, SIDES, Side, opposite
from workbench.provenance import own_model_path
from workbench.simulation import mechanics, modified_motion
from workbench.simulation.balance import measured_balance
from workbench.simulation.balance_checks import balance_findings
from workbench.simulation.emg_envelopes import EmgEnvelopes
from workbench.simulation.foot_targets import FootPoses, foot_poses, foot_targets
from workbench.simulation.mechanics_checks import check_mechanics
from workbench.simulation.model import GaitModel, read_model
from workbench.simulation.model_checks import plausibility_findings, require_free_joints
from workbench.simulation.model_findings import model_findings
from workbench.simulation.modified_motion import RecordedWalk
from workbench.simulation.reached import FeetMissed, feet_missed
from workbench.simulation.sampled_motion import SampledMotion, prepare, sample
from workbench.simulation.scaling import scale_model, uniform_scale_factors
from workbench.simulation.stride_gait import stride_gait
from workbench.simulation.stride_timing import stride_duration_s

# Instants beyond both ends of the analysed cycle, so that derivatives at its ends are those of a longer motion.
_PADDING = 8


def model_for_trial(trial: Trial) -> GaitModel:
    """The trial's own model, or the project's scaled to the subject.

    A model that comes with a trial is used as it is; the project's own is scaled by the trial's factors where it has
    some, otherwise evenly to the subject's height, and brought to the subject's mass.
    """
    if trial.model_file is not None:
        return GaitModel.from_file(trial.model_file)
    factors = trial.scale_factors or uniform_scale_factors(trial.subject.height_m)
    return GaitModel(scale_model(read_model(own_model_path()), factors, trial.subject.mass_kg))


class Walk:
    """A recorded walk with its model; holds OpenSim state, so one per process and thread.

    Parameters
    ----------
    trial : Trial
    processing : Processing, optional
        Filters and contact threshold.
    """

    def __init__(self, trial: Trial, processing: Processing | None = None) -> None:
        self.trial = trial
        self.processing = processing or Processing()
        self.model = model_for_trial(trial)
        require_free_joints(self.model)
        self._prepared = prepare(trial, self.model, self.processing)
        self._emg = EmgEnvelopes(trial, self.model, self.processing)
        self._recorded: dict[Stride, tuple[RecordedWalk, slice]] = {}
        self._heels: dict[Stride, tuple[Array, Mapping[Side, FootPoses]]] = {}
        self.legs = find_legs(trial, self.processing.contact_threshold_N)

    @property
    def sides(self) -> tuple[Side, ...]:
        """Legs that can be analysed: those whose foot was on a plate for a whole stance."""
        return self.legs.sides

    @property
    def default_side(self) -> Side:
        """The leg that is shown first, see `workbench.core.legs.find_legs`."""
        return self.legs.first

    def strides(self, side: Side) -> tuple[Stride, ...]:
        """Strides of one leg, in time order.

        Raises
        ------
        TrialError
            If that foot has no complete stance on a plate.
        """
        return self.legs.strides(side)

    def has_emg(self, side: Side) -> bool:
        """Whether the activity of a muscle of this leg was recorded."""
        emg = self.trial.emg
        return emg is not None and any(muscle.name in emg.muscles for muscle in self.model.legs[side].muscles)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Findings about the walk and its model, attached to every solved leg."""
        found = [*self.legs.findings, *model_findings(self.trial, self.model, self._prepared.missing)]
        found += plausibility_findings(self.model, self.trial.subject)
        threshold_N = self.processing.contact_threshold_N
        balance = measured_balance(self.model, self._prepared, self.trial, self.walkway, threshold_N)
        return (*found, *(balance_findings(balance, self.trial, self.model) if balance else ()))

    @cached_property
    def walkway(self) -> Array:
        """Rows forward, up, right of this walk, (3, 3); the mean over up to six stances of each foot."""
        return gait.walkway_axes(self._directions[0])

    @cached_property
    def _directions(self) -> tuple[Array, Array]:
        """Mean direction of walking and of the pelvis' forward axis, (3,) each."""
        directions, facing = [], []
        for side in self.sides:
            strides = self.strides(side)
            for stride in strides[:: max(1, len(strides) // 6)]:
                direction, pelvis_forward = self._direction(stride)
                directions.append(direction)
                facing.append(pelvis_forward)
        return np.mean(directions, axis=0), np.mean(facing, axis=0)

    def solve(self, stride: Stride, modification: GaitModification) -> SolvedLeg:
        """Mechanics of the leg of `stride` at its 101 instants, in the recorded or a modified gait.

        Raises
        ------
        TrialError
            If motion and forces do not match, or the person walks backwards.
        """
        at_cycle = self.motion(stride, modification)
        leg, kinetic = mechanics.leg_mechanics(self.model, at_cycle, stride.side, walkway=self.walkway)
        missed = self._missed(stride, modification, kinetic, at_cycle.time_s)
        leg = replace(leg, step_width_m=self._step_width(stride, modification) + missed.width_m)
        threshold_N = self.processing.contact_threshold_N
        checks = check_mechanics(self.model, at_cycle, kinetic, stride, self.trial, threshold_N)
        muscles, envelope = self._emg.of(self.model.legs[stride.side], at_cycle.time_s)
        leg = replace(leg, emg_muscles=muscles, emg_envelope=envelope, emg_normalised_to=self._emg.normalised_to)
        self._require_forwards()  # last: with the forces of the other foot, walking forwards looks like this too
        unsettled = 0.0 if at_cycle.unsettled is None else float(np.count_nonzero(at_cycle.unsettled))
        checks = replace(
            checks,
            foot_missed_mm=missed.largest_mm,
            foot_missed_deg=missed.largest_deg,
            instants_not_converged=unsettled,
        )
        gait = None
        if modification.is_none and stride.side in at_cycle.ground_reactions:
            gait = stride_gait(self.model, at_cycle, kinetic, leg, stride, self.walkway)
        return SolvedLeg(leg, checks, self.findings, gait)

    def _missed(
        self, stride: Stride, modification: GaitModification, kinetic: mechanics.Kinetics, time_s: Array
    ) -> FeetMissed:
        """How far the feet come from where they were to be."""
        if modification.is_none:
            return FeetMissed(0.0, 0.0, 0.0)
        recorded, inner = self._recorded_walk(stride)
        targets = foot_targets(
            self.model.legs, recorded.feet, recorded.motion.time_s, modification, stride, self.walkway,
            self._contacts,
        )  # fmt: skip
        feet = {side: leg.calcaneus - 1 for side, leg in self.model.legs.items()}
        reached = {side: FootPoses(kinetic.rotation[:, foot], kinetic.origin_m[:, foot]) for side, foot in feet.items()}
        return feet_missed(self.model.legs, reached, time_s, targets, inner, self._contacts, self.walkway)

    def motion(self, stride: Stride, modification: GaitModification) -> SampledMotion:
        """Coordinates and ground reactions at the 101 instants of `stride`, in the recorded or a modified gait."""
        recorded, inner = self._recorded_walk(stride)
        changed = modified_motion.modified(
            self.model,
            recorded,
            modification,
            walkway=self.walkway,
            contacts=self._contacts,
            subject=self.trial.subject,
        )
        return changed.instants(inner)

    def half_a_stride_from(self, stride: Stride, duration_s: float) -> SampledMotion | None:
        """The recorded motion from half a stride after foot strike, or before it, for `duration_s`.

        The one with more recorded; None if less than half was recorded.
        """
        half_s = 0.5 * stride_duration_s(stride, self._contacts)
        windows = [(stride.start_s + shift_s, stride.start_s + shift_s + duration_s) for shift_s in (half_s, -half_s)]
        kept = [(max(a, self._prepared.start_s), min(b, self._prepared.end_s)) for a, b in windows]
        start_s, end_s = max(kept, key=lambda one: one[1] - one[0])
        if end_s - start_s < 0.5 * duration_s:
            return None
        return sample(self._prepared, self.model, np.linspace(start_s, end_s, 25))

    def other_strike_in(self, stride: Stride, time_s: Array) -> int | None:
        """Which of the times (n,) of a stride or stance is the other foot's strike; None where none was recorded."""
        strikes = [one for one, _ in self._contacts.get(opposite(stride.side), ()) if time_s[0] < one < time_s[-1]]
        return int(np.argmin(np.abs(time_s - strikes[0]))) if strikes else None

    def lean_height(self, stride: Stride) -> LeanHeight:
        """Height at which the ground force aims as this person's body sways in this stride."""
        return self._recorded_walk(stride)[0].lean

    def _recorded_walk(self, stride: Stride) -> tuple[RecordedWalk, slice]:
        """The stride with what its modified forms need, and which of its instants are the stride's own."""
        if stride not in self._recorded:
            motion, inner = self._sampled(stride)
            walk = modified_motion.recorded_walk(
                self.model, motion, inner, stride, self.walkway, self.trial.subject.height_m
            )
            self._recorded = {stride: (walk, inner)}
        return self._recorded[stride]

    def _sampled(self, stride: Stride) -> tuple[SampledMotion, slice]:
        """The recorded motion at the stride's instants with padding where there is some, and where the stride lies."""
        step_s = stride.duration_s / (len(CYCLE_PERCENT) - 1)
        inner = stride.start_s + step_s * np.arange(len(CYCLE_PERCENT))
        before = min(_PADDING, int((inner[0] - self._prepared.start_s) / step_s + 1e-6))
        after = min(_PADDING, int((self._prepared.end_s - inner[-1]) / step_s + 1e-6))
        before, after = max(before, 0), max(after, 0)
        time_s = inner[0] + step_s * np.arange(-before, len(inner) + after)
        return sample(self._prepared, self.model, time_s), slice(before, before + len(inner))

    def _step_width(self, stride: Stride, modification: GaitModification) -> float:
        """Width, as asked for, of the step that ends with this foot's strike, metres; see `gait.step_width_m`.

        Where the other foot's strike before was not recorded, its next one stands in, or else its place at this strike.
        """
        time_s, poses = self._at_strikes(stride)
        placed = foot_targets(self.model.legs, poses, time_s, modification, stride, self.walkway, self._contacts)
        heels = {}
        for side, instant in ((stride.side, 0), (opposite(stride.side), 1)):
            foot = self.model.legs[side].foot
            heels[side] = placed[side].origin_m[instant] + placed[side].rotation[instant] @ foot.heel_m
        return gait.step_width_m(heels["left"], heels["right"], self.walkway)

    def _at_strikes(self, stride: Stride) -> tuple[Array, Mapping[Side, FootPoses]]:
        """Times (2,) of the two foot strikes that make this foot's step, its own first, and the feet's poses then."""
        if stride not in self._heels:
            strikes = [strike for strike, _ in self._contacts.get(opposite(stride.side), ()) if strike < stride.end_s]
            recorded = [strike for strike in strikes if strike >= self._prepared.start_s]
            before = [strike for strike in recorded if strike <= stride.start_s]
            other_s = max(before) if before else min(recorded, default=stride.start_s)
            time_s = np.array([stride.start_s, other_s])
            at_strikes = sample(self._prepared, self.model, time_s)
            self._heels = {stride: (time_s, foot_poses(self.model, at_strikes.q))}
        return self._heels[stride]

    def _require_forwards(self) -> None:
        direction, facing = self._directions
        if direction @ facing < 0.0:
            raise TrialError(
                "the person walks backwards: the pelvis faces away from the direction of travel.",
                where=self.trial.name,
                remedy="Only forward walking can be analysed. If this was forward walking, check the axes of motion"
                " and plates.",
            )

    def _direction(self, stride: Stride) -> tuple[Array, Array]:
        """Direction of walking and of the pelvis' forward axis over a stance, (3,) each."""
        leg = self.model.legs[stride.side]
        # Foot flat: the forefoot rests from a fifth to four fifths of stance.
        time_s = np.linspace(0.2, 0.8, 13) * (stride.toe_off_s - stride.start_s) + stride.start_s
        sampled = sample(self._prepared, self.model, time_s)
        forefoot, pelvis, facing = (np.empty((len(time_s), 3)) for _ in range(3))
        for i, q in enumerate(sampled.q):
            self.model.set_state(q)
            rotation, origin = self.model.body_pose(leg.calcaneus)
            forefoot[i] = origin + rotation @ leg.foot.second_metatarsal_head_m
            rotation, pelvis[i] = self.model.body_pose(self.model.body_index["pelvis"])
            facing[i] = rotation[:, 0]
        on_ground = np.ones(len(time_s), dtype=bool)
        return gait.progression_direction(pelvis, forefoot, on_ground, time_s), facing.mean(axis=0)

    @cached_property
    def _contacts(self) -> Mapping[Side, tuple[tuple[float, float], ...]]:
        return {
            side: tuple(
                (one.start_s, one.end_s) for one in contacts_of(self.trial, side, self.processing.contact_threshold_N)
            )
            for side in SIDES
        }
