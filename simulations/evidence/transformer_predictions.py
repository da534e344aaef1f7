"""What the theory and the bandit predict of the transformer, written before the study was run.

Each prediction names a quantity of the study, the range in which its mean over seeds is to be, and
why. Numbers come from exact results: the best response to a reward in the very questions of
training, the stable reports under an estimator, or the stationary policy of a KL penalty. A range
around them leaves room for training that has not ended.

    >>> one = transformer_predictions()[0]
    >>> one.quantity, round(one.expected, 3), one.range
    ('final accuracy of brier/mean', 0.404, '0.354 to 0.414')

A prototype with other code, other pretraining and a floor of 1e-2 for the logarithm had been run
before with four of the settings and five seeds (brier/mean, brier/std, log/mean, binary/mean), and
its numbers were known when the ranges were chosen: `known` marks the predictions that they bear on.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.stats import f as f_distribution
from scipy.stats import t as t_distribution

from scoring_theory.advantage import effective_advantage
from scoring_theory.display import one_line
from simulations.agents import Rational
from simulations.evidence.transformer_study import (
    STUDY_SEEDS,
    transformer_runs,
    transformer_settings,
)
from simulations.metrics import measure
from simulations.policies import StatedPolicy
from simulations.training import random_streams

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.evidence.transformer_study import TransformerRuns
    from simulations.training.kernels import FloatArray

PredictionVerdict = Literal["agrees", "contradicted", "not decided", "not run"]
QuantityKind = Literal["final", "rise", "learned rise", "spread ratio"]
_MARGIN = 0.05
"""How far from an exact number a mean over seeds may be."""
PREDICTIONS_FILE = Path(__file__).with_name("transformer_predictions.csv")


@dataclass(frozen=True)
class TransformerPrediction:
    """A prediction of one quantity of the study.

    Args:
        kind: "final": a metric at the end; "rise": its change since the start; "learned rise": the
            part of the rise of mean confidence that is not explained by other answers, that is the
            confidence now minus what the start would state about the answers of now; "spread
            ratio": the standard deviation between seeds, divided by that of `minus`.
        setting: The setting.
        metric: The metric.
        low: The smallest mean over seeds that agrees.
        high: The largest one.
        basis: Why.
        expected: The number that the theory gives, if it gives one.
        minus: A setting whose quantity is subtracted, seed by seed.
        place: "in" or "out"; "out - in" is the difference.
        known: Whether numbers of a prototype bear on it.
    """

    kind: QuantityKind
    setting: str
    metric: str
    low: float
    high: float
    basis: str
    expected: float | None = None
    minus: str = ""
    place: str = "in"
    known: bool = False

    __repr__ = one_line

    @property
    def quantity(self) -> str:
        """The quantity in words."""
        metric = self.metric.replace("_", " ").replace("ece", "ECE")
        where = {"in": "", "out": ", held out", "out - in": ", held out minus trained"}[self.place]
        if self.kind == "spread ratio":
            return f"spread of {metric} between seeds, {self.setting} / {self.minus}"
        minus = f" minus {self.minus}" if self.minus else ""
        return f"{self.kind} {metric} of {self.setting}{minus}{where}"

    @property
    def range(self) -> str:
        """The range as text."""
        low, high = (
            f"{end:g}" if 0 < abs(end) < 5e-4 else f"{end:.3f}" for end in (self.low, self.high)
        )
        if np.isinf(self.high):
            return f"{low} or more"
        if np.isinf(self.low):
            return f"{high} or less"
        return f"{low} to {high}"

    def measured(self, runs: TransformerRuns) -> MeasuredPrediction:
        """The quantity in the study, with a 95 % interval over seeds, and the verdict."""
        needed = {self.setting, self.minus} - {""}
        if not needed <= set(runs.settings):
            return MeasuredPrediction(self, np.nan, (np.nan, np.nan), "not run", 0)
        if self.kind == "spread ratio":
            return self._ratio(runs)
        values = self._values(runs, self.setting)
        if self.minus:
            other = self._values(runs, self.minus)
            both = min(len(values), len(other))
            values = values[:both] - other[:both]
        n, mean = len(values), float(values.mean())
        half = (
            float(t_distribution.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n))
            if n > 1
            else np.inf
        )
        low = mean - half
        if self.kind == "final" and not self.minus and self.place != "out - in":
            low = max(low, 0.0)  # a metric is not negative
        return self._judged(mean, (low, mean + half), n)

    def _values(self, runs: TransformerRuns, setting: str) -> NDArray[np.float64]:
        def at(place: str) -> NDArray[np.float64]:
            values = runs.curves(setting, self.metric, place)[1]
            if self.kind == "rise":
                return np.asarray(values[:, -1] - values[:, 0])
            if self.kind == "learned rise":
                start = runs.final(setting, "start_confidence", place)
                return np.asarray(values[:, -1] - start)
            return np.asarray(values[:, -1])

        return at("out") - at("in") if self.place == "out - in" else at(self.place)

    def _ratio(self, runs: TransformerRuns) -> MeasuredPrediction:
        one, other = (runs.final(name, self.metric) for name in (self.setting, self.minus))
        ratio = float(one.std(ddof=1) / other.std(ddof=1))
        ends = f_distribution.ppf([0.975, 0.025], len(one) - 1, len(other) - 1)
        low, high = (ratio / np.sqrt(ends)).tolist()
        return self._judged(ratio, (low, high), len(one))

    def _judged(
        self, value: float, interval: tuple[float, float], seeds: int
    ) -> MeasuredPrediction:
        inside = self.low <= interval[0] and interval[1] <= self.high
        apart = interval[1] < self.low or interval[0] > self.high
        verdict: PredictionVerdict = (
            "agrees" if inside else "contradicted" if apart else "not decided"
        )
        return MeasuredPrediction(self, value, interval, verdict, seeds)


@dataclass(frozen=True)
class MeasuredPrediction:
    """What the study says of a prediction.

    Args:
        prediction: The prediction.
        value: The mean over seeds, or the ratio.
        interval: Its 95 % interval: Student's over seeds, or that of the ratio of two variances.
        verdict: "agrees" if the interval is within the range, "contradicted" if it is outside,
            "not decided" if it overlaps an end.
        seeds: The number of seeds.
    """

    prediction: TransformerPrediction
    value: float
    interval: tuple[float, float]
    verdict: PredictionVerdict
    seeds: int

    __repr__ = one_line


@cache
def best_response(setting: str) -> dict[str, float]:
    """Accuracy, mean confidence and ECE of the best response to the reward of a setting.

    The ECE is that of a best response that can state the levels of the grid alone.

    Example:
        >>> round(best_response("double/mean")["accuracy"], 3)  # p < 1/2: wrong on purpose
        0.197
    """
    experiment = transformer_settings()[setting].experiment(0)
    policy = Rational.best_response(experiment.world, experiment.payoffs()[0])
    return _numbers(policy.answer, policy.confidence, experiment.world.success_probability)


@cache
def stable_under_std(setting: str = "brier/std") -> tuple[dict[str, float], dict[str, float]]:
    """The numbers of an agent that gives the best answers and states the stable reports.

    Where the estimator has two stable reports, the lower one is taken in the first result and the
    higher one in the second.
    """
    one = transformer_settings()[setting]
    truth = one.world.success_probability
    likely = np.unique(truth.max(axis=1))
    stable = {
        p: effective_advantage(
            one.experiment(0).reward,
            p,
            one.agent.grid,
            estimator=one.rule.estimator,
            outcomes="independent",
            group_size=one.rule.group_size,
        ).stable
        for p in likely.tolist()
    }
    answer = (truth.argmax(axis=1)[:, None] == np.arange(truth.shape[1])) * 1.0
    found = []
    for end in (min, max):
        report = np.array([end(stable[p], default=p) for p in truth.max(axis=1).tolist()])
        level = np.rint(report * (one.agent.levels - 1))
        stated = (level[:, None] == np.arange(one.agent.levels)) * 1.0
        found.append(_numbers(answer, np.repeat(stated[:, None], truth.shape[1], axis=1), truth))
    return found[0], found[1]


@cache
def stationary_under_kl(setting: str, seeds: int = 2) -> dict[str, float]:
    """The numbers of the stationary policy of a KL penalty, mean over pretrained agents.

        pi(y, q | x) is proportional to pi_0(y, q | x) exp(E R(q, c) / beta),  beta = kl G / (G - 1)

    The factor G / (G - 1) is that of the group's mean, which shrinks the gradient of the reward.
    """
    one = transformer_settings()[setting]
    table, truth = one.experiment(0).payoffs()[0], one.world.success_probability
    size = one.rule.group_size
    paid = truth[..., None] * table[1] + (1 - truth[..., None]) * table[0]
    found = []
    for seed in STUDY_SEEDS[:seeds]:
        start = one.agent.start(one.world, random_streams(seed, 1)[0].prior)
        prior = one.agent.policy(start, one.world).joint[0]
        weight = prior * np.exp((paid - paid.max()) * (size - 1) / (size * one.rule.kl))
        joint = weight / weight.sum(axis=(1, 2), keepdims=True)
        answer = joint.sum(axis=2)
        found.append(_numbers(answer, joint / answer[..., None], truth))
    return {name: float(np.mean([numbers[name] for numbers in found])) for name in found[0]}


def _numbers(answer: FloatArray, confidence: FloatArray, truth: FloatArray) -> dict[str, float]:
    levels = confidence.shape[-1]
    grid = np.arange(levels) / (levels - 1)
    mass, hits = StatedPolicy(answer[None], confidence[None], grid).levels(truth)
    return {name: float(value[0]) for name, value in measure(grid, mass, hits).items()}


@cache
def transformer_predictions() -> tuple[TransformerPrediction, ...]:
    """Every prediction, in the order in which it is reported, from the file of predictions."""
    with PREDICTIONS_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(_read(row) for row in csv.DictReader(file))


def _read(row: Mapping[str, str]) -> TransformerPrediction:
    read: dict[str, Any] = {
        **row,
        "low": float(row["low"]),
        "high": float(row["high"]),
        "expected": float(row["expected"]) if row["expected"] else None,
        "known": row["known"] == "yes",
    }
    return TransformerPrediction(**read)


def derived_predictions() -> tuple[TransformerPrediction, ...]:
    """Every prediction, derived from exact results; pretrains two agents for the KL penalty."""
    return (*_of_means(), *_of_estimators(), *_of_variants(), *_of_causes(), *_of_sums_and_sizes())


def measured_predictions(runs: TransformerRuns | None = None) -> tuple[MeasuredPrediction, ...]:
    """Every prediction with what the study measured, and its verdict.

    Args:
        runs: The runs; by default those of the committed result file.
    """
    found = transformer_runs() if runs is None else runs
    return tuple(one.measured(found) for one in transformer_predictions())


def _near(
    setting: str,
    metric: str,
    expected: float,
    basis: str,
    *,
    margin: float = _MARGIN,
    known: bool = False,
) -> TransformerPrediction:
    low, high = max(expected - margin, 0.0), min(expected + margin, 1.0)
    return TransformerPrediction("final", setting, metric, low, high, basis, expected, known=known)


def _of_means() -> tuple[TransformerPrediction, ...]:
    """The group's mean keeps the optimum of the reward."""
    found = []
    for reward in ("brier", "spherical", "one-sided", "double", "log"):
        setting, known = f"{reward}/mean", reward in ("brier", "log")
        best = best_response(setting)
        why = "best response; Theorem 1" if reward in ("double", "log") else "best response"
        accuracy = _near(setting, "accuracy", best["accuracy"], why, known=known)
        if reward not in ("double", "log"):  # nothing is more accurate than the best answers
            accuracy = TransformerPrediction(
                "final",
                setting,
                "accuracy",
                accuracy.low,
                best["accuracy"] + 0.01,
                why,
                best["accuracy"],
                known=known,
            )
        found += [
            accuracy,
            _near(setting, "mean_confidence", best["mean_confidence"], why, known=known),
            TransformerPrediction(
                "final", setting, "ece", 0.0, 0.06, f"{why}: {best['ece']:.3f}", known=known
            ),
        ]
    ece = [
        TransformerPrediction(
            "final",
            "binary/mean",
            "ece",
            0.03,
            np.inf,
            "binary reward does not move confidence to p; every strictly proper score does",
            minus=f"{reward}/mean",
            known=True,
        )
        for reward in ("brier", "double", "spherical", "one-sided", "log")
    ]
    held_out = [
        TransformerPrediction(
            "final",
            f"{reward}/mean",
            "ece",
            -0.01,
            0.08,
            "difficulty is a regular function of the tokens",
            place="out - in",
        )
        for reward in ("brier", "double", "log")
    ]
    return (*found, *ece, *held_out)


def _of_estimators() -> tuple[TransformerPrediction, ...]:
    low, high = stable_under_std()
    means = sorted(one["mean_confidence"] for one in (low, high))
    errors = sorted(one["ece"] for one in (low, high))
    why = "stable reports under the group's standard deviation, independent outcomes, G = 8"
    return (
        TransformerPrediction(
            "final",
            "brier/std",
            "mean_confidence",
            means[0] - 0.03,
            means[1] + 0.03,
            why,
            known=True,
        ),
        TransformerPrediction(
            "final", "brier/std", "ece", errors[0] - 0.03, errors[1] + 0.03, why, known=True
        ),
        TransformerPrediction(
            "final", "brier/std", "ece", 0.05, np.inf, why, minus="brier/mean", known=True
        ),
        TransformerPrediction(
            "final",
            "brier/others",
            "ece",
            -0.03,
            0.03,
            "leave-one-out is G / (G - 1) times the group's mean",
            minus="brier/mean",
        ),
        TransformerPrediction(
            "final",
            "brier/others",
            "mean_confidence",
            -0.03,
            0.03,
            "leave-one-out is G / (G - 1) times the group's mean",
            minus="brier/mean",
        ),
        TransformerPrediction(
            "final",
            "binary/others",
            "mean_confidence",
            -0.15,
            0.15,
            "leave-one-out is G / (G - 1) times the group's mean",
            minus="binary/mean",
        ),
    )


def _of_variants() -> tuple[TransformerPrediction, ...]:
    best = best_response("brier/mean")
    alone = "separate credit: the score cannot change which answer is chosen (measured, not proved,"
    alone += " for shared parameters)"
    found = []
    for reward in ("brier", "double", "log"):
        setting = f"{reward}/mean/separate"
        found += [
            TransformerPrediction(
                "final",
                setting,
                "accuracy",
                best["accuracy"] - _MARGIN,
                best["accuracy"] + 0.01,
                alone,
                best["accuracy"],
            ),
            TransformerPrediction("final", setting, "ece", 0.0, 0.06, "a strictly proper score"),
        ]
    judged = 0.2 + 0.7 * best["accuracy"]
    rates = "confidence follows the verifier: a + (1 - a - b) p with a = 0.2, b = 0.1"
    kl = "stationary policy pi_0 exp(U / beta) of the pretrained agents, beta = kl G / (G - 1)"
    held = stationary_under_kl("brier/mean/kl")
    told = stationary_under_kl("binary/mean/kl")
    return (
        *found,
        _near("brier/mean/verifier", "mean_confidence", judged, rates),
        *(
            _near("brier/mean/kl", name, held[name], kl)
            for name in ("accuracy", "mean_confidence", "ece")
        ),
        *(
            _near("binary/mean/kl", name, told[name], kl)
            for name in ("accuracy", "mean_confidence", "ece")
        ),
        *(
            TransformerPrediction(
                "final",
                f"brier/mean/{variant}",
                "accuracy",
                0.33,
                best["accuracy"] + 0.01,
                "the optimum does not depend on it",
                best["accuracy"],
            )
            for variant in ("confidence-first", "ppo", "thoughts")
        ),
        *(
            TransformerPrediction(
                "final",
                f"brier/mean/{variant}",
                "ece",
                0.0,
                0.08,
                "the optimum does not depend on it",
            )
            for variant in ("confidence-first", "ppo", "thoughts")
        ),
    )


def _of_causes() -> tuple[TransformerPrediction, ...]:
    coupling = "coupling: confidence follows skill in pretraining, so that better answers raise it"
    none = "the expected gradient of the confidence's tokens is 0 (Theorem 35)"
    confidence = "mean_confidence"
    return (
        TransformerPrediction(
            "rise", "binary/mean", confidence, 0.02, np.inf, coupling, known=True
        ),
        TransformerPrediction("rise", "binary/mean/expected", confidence, 0.02, np.inf, coupling),
        TransformerPrediction(
            "learned rise", "binary/mean/expected", confidence, 0.0, np.inf, coupling
        ),
        TransformerPrediction(
            "learned rise",
            "binary/mean/expected-unrelated",
            confidence,
            -0.02,
            0.02,
            "no coupling where confidence is unrelated to skill",
        ),
        TransformerPrediction(
            "learned rise",
            "binary/mean/expected-opposite",
            confidence,
            -np.inf,
            0.0,
            "the sign of the coupling is that of the pretraining",
        ),
        TransformerPrediction(
            "rise",
            "binary/mean/expected-opposite",
            confidence,
            -np.inf,
            -0.02,
            "the sign of the coupling is that of the pretraining",
        ),
        TransformerPrediction(
            "learned rise", "binary/mean/expected-two-networks", confidence, -1e-4, 1e-4, none
        ),
        TransformerPrediction(
            "learned rise", "binary/mean/two-networks", confidence, -0.05, 0.05, none
        ),
        TransformerPrediction(
            "rise", "binary/mean/answers-only", confidence, -0.1, 0.1, none, minus="binary/mean"
        ),
        TransformerPrediction("rise", "binary/mean/confidence-only", confidence, -0.05, 0.05, none),
        TransformerPrediction(
            "spread ratio",
            "binary/mean",
            confidence,
            2.0,
            np.inf,
            "sampling noise moves single runs, and a proper score pulls them back",
            minus="brier/mean",
            known=True,
        ),
        TransformerPrediction("final", "brier/mean/expected", "ece", 0.0, 0.06, "best response"),
        _near(
            "log/mean/expected",
            "accuracy",
            best_response("log/mean")["accuracy"],
            "best response; Theorem 1",
        ),
    )


def _of_sums_and_sizes() -> tuple[TransformerPrediction, ...]:
    brier, log = best_response("brier/mean/sums"), best_response("log/mean/sums")
    small = best_response("log/mean")
    why = "best response"
    return (
        TransformerPrediction(
            "final",
            "brier/mean/sums",
            "accuracy",
            brier["accuracy"] - 0.1,
            brier["accuracy"] + 0.01,
            why,
            brier["accuracy"],
        ),
        TransformerPrediction("final", "brier/mean/sums", "ece", 0.0, 0.08, why),
        _near("log/mean/sums", "accuracy", log["accuracy"], why, margin=0.1),
        TransformerPrediction(
            "final",
            "binary/mean/sums",
            "ece",
            0.03,
            np.inf,
            "binary reward does not move confidence to p",
            minus="brier/mean/sums",
        ),
        TransformerPrediction(
            "rise", "binary/mean/sums", "mean_confidence", 0.02, np.inf, "coupling"
        ),
        _near("log/mean/large", "accuracy", small["accuracy"], why, margin=0.07),
        TransformerPrediction("final", "log/mean/large", "ece", 0.0, 0.08, why),
        TransformerPrediction(
            "rise", "binary/mean/large", "mean_confidence", 0.02, np.inf, "coupling"
        ),
        TransformerPrediction(
            "rise", "binary/std/large", "mean_confidence", 0.02, np.inf, "coupling"
        ),
    )
