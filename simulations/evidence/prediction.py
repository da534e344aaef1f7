"""Rows of RLVR and RLCR that are predicted from the row before training and two numbers.

The knobs and the procedure are in `prediction_knobs.csv`, which was committed before the predicted
rows were compared with the published ones.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from scoring_theory.calibration import ece_by_chance, implied_metrics
from scoring_theory.display import one_line
from simulations.evidence.published import PublishedRow, published_rows
from simulations.fitting import (
    OF_A_START,
    RANGES,
    KnobFit,
    Knobs,
    Profile,
    StatedAnswers,
    TableRow,
    fit,
    hidden_shift,
    stated_answers,
    trained,
    with_prospects,
)
from simulations.worlds import competence_shift

IN_DISTRIBUTION: Mapping[str, str] = MappingProxyType(
    {"Hotpot": "hotpot-vanilla-eval-em", "Math": "big-math-digits"}
)
"""The test set of each training set."""
VARIANTS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "all": {},
        "no noise": {"stated_noise": 0.0},
        "no verbal grid": {"levels": 201},
        "no coupling": {"slope": 0.0},
        "sharpness 4": {"sharpness": 4.0},
        "sharpness 16": {"sharpness": 16.0},
        "noise unlearned": {},
    }
)
"""Changes of the knobs that are not fitted: "all" is the prediction, the others take one mechanism
away or change what no published number says. A knob that is changed is not fitted. In the last one
RLCR, whose score makes noise costly, is measured without the noise; RLVR has it still."""
METRICS_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"RLVR": ("auroc", "brier", "ece"), "RLCR": ("accuracy", "auroc", "brier", "ece")}
)
"""The numbers that are predicted for each method; RLVR's accuracy is borrowed."""
_UNLEARNED = "noise unlearned"
REWARD_OF = MappingProxyType({"RLVR": "binary", "RLCR": "rlcr"})
WITHIN = 0.05
"""A prediction agrees if it is as close as this."""


@dataclass(frozen=True)
class PredictedNumber:
    """One predicted number beside the published one.

    Attributes:
        trained_on: "Hotpot" or "Math".
        dataset: the test set.
        method: "RLVR" or "RLCR".
        metric: accuracy, auroc, brier or ece.
        predicted: the mean over test sets of this size.
        low: the 2.5 % quantile over test sets of this size, by chance alone.
        high: the 97.5 % quantile.
        published: the published number.
        answers: of the test set.
    """

    trained_on: str
    dataset: str
    method: str
    metric: str
    predicted: float
    low: float
    high: float
    published: float
    answers: int

    __repr__ = one_line

    @property
    def error(self) -> float:
        """Predicted minus published."""
        return self.predicted - self.published

    @property
    def agrees(self) -> bool:
        """Whether the error is at most .05."""
        return abs(self.error) <= WITHIN

    @property
    def by_chance(self) -> bool:
        """Whether the published number is inside the band, so that chance explains the error."""
        return self.low <= self.published <= self.high

    @property
    def in_distribution(self) -> bool:
        """Whether the test set is that of the training set."""
        return IN_DISTRIBUTION[self.trained_on] == self.dataset


class StoredKnobs(NamedTuple):
    """Knobs that were written down before the comparison.

    Attributes:
        knobs: fitted to the row before training and to two borrowed numbers.
        loss: of the fit to the row before training.
    """

    knobs: Knobs
    loss: float


@cache
def stored_knobs() -> Mapping[tuple[str, str], StoredKnobs]:
    """The knobs of the predictions, by variant and training set.

    Example:
        >>> stored_knobs()["all", "Hotpot"].knobs.levels
        21
    """
    kinds = {field.name: int if field.type == "int" else float for field in fields(Knobs)}
    found = {}
    for row in _stored("prediction_knobs.csv"):
        numbers: dict[str, Any] = {name: kind(row[name]) for name, kind in kinds.items()}
        key = row["variant"], row["trained_on"]
        found[key] = StoredKnobs(Knobs(**numbers), float(row["loss"]))
    return found


@cache
def stored_shifts() -> Mapping[tuple[str, str], float]:
    """How much harder each test set is than that of training, by training set and test set."""
    return {
        (row["trained_on"], row["dataset"]): float(row["shift"])
        for row in _stored("prediction_shifts.csv")
    }


def fitted_knobs(
    base: PublishedRow, *, final_accuracy: float, classifier_auroc: float, variant: str = "all"
) -> KnobFit:
    """The knobs that the procedure finds, from a row before training and two borrowed numbers.

    First headroom and visible difficulty: so that training with the binary reward ends at
    `final_accuracy`, and the best forecast of what is right has the AUROC `classifier_auroc`. Then
    head start, constant, slope and noise from the row.

    Args:
        base: the row before training.
        final_accuracy: that of RLVR.
        classifier_auroc: that of the classifier of RLVR's answers.
        variant: a name of `VARIANTS`.
    """
    changes = VARIANTS[variant]
    found = with_prospects(
        Knobs(**changes),
        accuracy=base.accuracy,
        final_accuracy=final_accuracy,
        knowable_auroc_after=classifier_auroc,
    )
    return _fit_to(base, found.knobs, [name for name in OF_A_START if name not in changes])


def predicted(
    knobs: Knobs, method: str, *, shift: float = 0.0, noisy: bool = True
) -> StatedAnswers:
    """What an agent states after training, by enumeration.

    Args:
        knobs: of the agent and its world.
        method: "RLVR", trained with the binary reward, or "RLCR".
        shift: how much harder the questions are than in training, unseen by the agent.
        noisy: whether confidence is stated with the noise of the knobs.

    Example:
        >>> from simulations.fitting import Knobs
        >>> knobs = Knobs(questions=64)
        >>> sure, honest = (predicted(knobs, method).row() for method in ("RLVR", "RLCR"))
        >>> sure.ece > 0.2 > honest.ece
        True
    """
    agent = knobs.agent if noisy else replace(knobs.agent, stated_noise=0.0)
    return stated_answers(agent, _end(knobs, method), competence_shift(knobs.world(), shift))


@cache
def predictions(variant: str = "all") -> tuple[PredictedNumber, ...]:
    """Seven numbers for each test set beside the published ones, from the stored knobs.

    Args:
        variant: a name of `VARIANTS`; those other than "all" are in distribution only.
    """
    found = []
    for row in published_rows():
        here = IN_DISTRIBUTION[row.trained_on] == row.dataset
        if row.method not in METRICS_OF or not (here or variant == "all"):
            continue
        of = "all" if variant == _UNLEARNED else variant
        knobs = stored_knobs()[of, row.trained_on].knobs
        shift = 0.0 if here else stored_shifts()[row.trained_on, row.dataset]
        noisy = not (variant == _UNLEARNED and row.method == "RLCR")
        seen = predicted(knobs, row.method, shift=shift, noisy=noisy)
        samples = seen.sampled(row.answers, samples=1000)
        found += [_beside(row, metric, samples[metric]) for metric in METRICS_OF[row.method]]
    return tuple(found)


@cache
def closed_form_predictions() -> tuple[PredictedNumber, ...]:
    """The same numbers without a simulation: the baseline.

    RLVR states 1. RLCR is as accurate as RLVR and as discerning as the classifier, both borrowed
    where the test set is that of training; it states its accuracy there on average, also elsewhere,
    where its accuracy is RLVR's. The law of the table gives Brier score and ECE.
    """
    table = {(r.trained_on, r.dataset, r.method): r for r in published_rows()}
    found = []
    for row in table.values():
        if row.method not in METRICS_OF:
            continue
        home = IN_DISTRIBUTION[row.trained_on]
        accuracy = table[row.trained_on, row.dataset, "RLVR"].accuracy
        values = {"auroc": 0.5, "brier": 1 - accuracy, "ece": 1 - accuracy}
        if row.method == "RLCR":
            auroc = table[row.trained_on, home, "RLVR-Classifier"].auroc
            mean = table[row.trained_on, home, "RLVR"].accuracy
            implied = implied_metrics(accuracy=accuracy, auroc=auroc, mean_confidence=mean)
            chance = ece_by_chance(implied, row.answers, samples=100)[0]
            ece = max(implied.ece_at_least, chance)
            values = {"accuracy": accuracy, "auroc": auroc, "brier": implied.brier, "ece": ece}
        found += [_beside(row, metric, np.array([values[metric]])) for metric in values]
    return tuple(found)


class PredictionError(NamedTuple):
    """How far some predictions are from the published numbers.

    Attributes:
        cells: how many there are.
        agree: how many are within .05.
        by_chance: how many published numbers are inside the bands.
        mean: the mean absolute error.
        largest: the largest absolute error.
    """

    cells: int
    agree: int
    by_chance: int
    mean: float
    largest: float


def prediction_errors(some: Sequence[PredictedNumber]) -> PredictionError:
    """The errors of some predictions together.

    Example:
        >>> one = PredictedNumber("Math", "gsm8k", "RLCR", "ece", 0.1, 0.08, 0.12, 0.16, 1319)
        >>> prediction_errors([one])[:3]
        (1, 0, 0)
    """
    errors = [abs(one.error) for one in some]
    return PredictionError(
        len(errors),
        sum(one.agrees for one in some),
        sum(one.by_chance for one in some),
        sum(errors) / len(errors),
        max(errors),
    )


def write_stored() -> dict[str, str]:
    """The two stored files, computed anew: knobs and shifts (about two minutes of CPU time).

    Only rows before training, RLVR's accuracies and the classifiers' AUROC in distribution are
    read.
    """
    table = {(r.trained_on, r.dataset, r.method): r for r in published_rows()}
    knobs, shifts = [], []
    for variant in VARIANTS:
        if variant == _UNLEARNED:
            continue
        for trained_on, home in IN_DISTRIBUTION.items():
            found = fitted_knobs(
                table[trained_on, home, "Base"],
                final_accuracy=table[trained_on, home, "RLVR"].accuracy,
                classifier_auroc=table[trained_on, home, "RLVR-Classifier"].auroc,
                variant=variant,
            )
            rounded: dict[str, Any] = {
                name: round(value, 6) if isinstance(value, float) else value
                for name, value in asdict(found.knobs).items()
            }
            knobs.append(
                {"variant": variant, "trained_on": trained_on, **rounded}
                | {"loss": round(found.loss, 4)}
            )
            if variant != "all":
                continue
            chosen = replace(found.knobs, **rounded)
            for (training_set, dataset, method), row in table.items():
                if training_set == trained_on and method == "RLVR" and dataset != home:
                    by = hidden_shift(chosen, _end(chosen, "RLVR"), row.accuracy)
                    shifts.append(
                        {"trained_on": trained_on, "dataset": dataset, "shift": round(by, 6)}
                    )
    return {
        "prediction_knobs.csv": _comment("prediction_knobs.csv") + _csv(knobs),
        "prediction_shifts.csv": _comment("prediction_shifts.csv") + _csv(shifts),
    }


def knob_profiles(trained_on: str) -> tuple[Profile, ...]:
    """The stored profile of each knob, given the row before training.

    Args:
        trained_on: "Hotpot" or "Math".

    Example:
        Nothing in a row before training speaks of headroom:

        >>> {one.knob: one.verdict for one in knob_profiles("Hotpot")}["headroom"]
        'not identified'
    """
    stored = stored_knobs()["all", trained_on]
    found: dict[str, list[tuple[float, float, Knobs]]] = {}
    for row in _stored("knob_profiles.csv"):
        if row["trained_on"] == trained_on:
            value, loss = float(row["value"]), float(row["loss"])
            changes: dict[str, Any] = {name: float(row[name]) for name in OF_A_START}
            knobs = replace(stored.knobs, **{**changes, row["knob"]: value})
            found.setdefault(row["knob"], []).append((value, loss, knobs))
    return tuple(
        Profile(
            knob,
            tuple(one[0] for one in those),
            tuple(one[1] for one in those),
            tuple(one[2] for one in those),
            stored.loss,
        )
        for knob, those in found.items()
    )


def noise_ranges(trained_on: str) -> tuple[PredictedNumber, ...]:
    """The predictions in distribution with the range that they have over all accepted noises.

    `low` and `high` are the lowest and the highest prediction of the agents whose noise the row
    before training accepts, the other knobs fitted anew. This was computed after the comparison.

    Args:
        trained_on: "Hotpot" or "Math".
    """
    profile = next(one for one in knob_profiles(trained_on) if one.knob == "stated_noise")
    found = []
    for one in predictions():
        if one.in_distribution and one.trained_on == trained_on:
            made = [
                predicted(knobs, one.method).sampled(one.answers, samples=300)[one.metric].mean()
                for knobs in profile.accepted
            ]
            low, high = float(min(made)), float(max(made))
            found.append(replace(one, low=min(low, one.predicted), high=max(high, one.predicted)))
    return tuple(found)


def write_profiles() -> dict[str, str]:
    """The stored file of `knob_profiles`, computed anew (two minutes of CPU time)."""
    lines = []
    bases = {r.trained_on: r for r in published_rows()
             if r.method == "Base" and r.dataset == IN_DISTRIBUTION[r.trained_on]}  # fmt: skip
    for trained_on, base in bases.items():
        stored = stored_knobs()["all", trained_on]
        found = _fit_to(base, stored.knobs, OF_A_START)
        for knob in RANGES:
            one = found.profile(knob)
            lines += [
                {"trained_on": trained_on, "knob": knob, "value": round(value, 6)}
                | {"loss": round(loss, 4)}
                | {name: round(getattr(knobs, name), 6) for name in OF_A_START}
                for value, loss, knobs in zip(one.values, one.losses, one.fits, strict=True)
            ]
    return {"knob_profiles.csv": _comment("knob_profiles.csv") + _csv(lines)}


def _fit_to(base: PublishedRow, knobs: Knobs, free: Sequence[str]) -> KnobFit:
    row = TableRow(base.accuracy, base.mean_confidence, base.auroc, base.brier)
    return fit(row, answers=base.answers, knobs=knobs, free=free)


@cache
def _end(knobs: Knobs, method: str) -> Any:
    return trained(knobs, REWARD_OF[method])


def _beside(row: PublishedRow, metric: str, samples: np.ndarray[Any, Any]) -> PredictedNumber:
    low, high = np.quantile(samples, [0.025, 0.975])
    published = row.ece10 if metric == "ece" else getattr(row, metric)
    return PredictedNumber(
        row.trained_on, row.dataset, row.method, metric,
        float(samples.mean()), float(low), float(high), published, row.answers,
    )  # fmt: skip


def _text(name: str) -> str:
    folder = files(__name__.rpartition(".")[0])
    return folder.joinpath(name).read_text(encoding="utf-8")


def _stored(name: str) -> list[dict[str, str]]:
    lines = (line for line in _text(name).splitlines() if not line.startswith("#"))
    return list(csv.DictReader(lines))


def _comment(name: str) -> str:
    """The words of a stored file, which a new computation keeps."""
    return "".join(f"{line}\n" for line in _text(name).splitlines() if line.startswith("#"))


def _csv(rows: Sequence[Mapping[str, object]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
