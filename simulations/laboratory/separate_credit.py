"""Separate credit: answer tokens are paid for correctness, confidence tokens for the score.

With one reward for all tokens, c - lam (q - c)^2, an answer of success probability p earns
V(p) = p - lam p (1 - p) with its best report. So the worse of two answers p_0 < p_1 earns more,
and training chooses it (sandbagging), if and only if

    lam > 1 / (1 - p_0 - p_1)

With separate credit the answer's logits see c alone and the logits of the levels see the score
alone. Where they share no parameter, no score at any weight changes which answer is chosen. Where
one logit z moves both, the better answer with probability s(z) and a stated 1, not 0, with
probability s(z), its gradient is the sum of both parts,

    dz/dt = s (1 - s) (p_1 - p_0 + lam (2 m - 1)),   m = p_0 + (p_1 - p_0) s

so on a hard question, m < 1/2, a lower confidence takes the better answer with it if
lam > (p_1 - p_0) / (1 - 2 m): masks of tokens do not separate what a parameter joins.

    >>> round(sandbagging_weight(0.1, 0.4), 6)  # one reward for all tokens
    2.0
    >>> round(shared_logit_weight(0.1, 0.4, share=0.5), 6)  # separate credit, one shared logit
    0.6
    >>> separate_share(0.1, 0.4, weight=3.0, separate=True) > 0.9
    True
    >>> separate_share(0.1, 0.4, weight=3.0, separate=False) < 0.1
    True
"""

from __future__ import annotations

from functools import lru_cache
from math import inf, isinf
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.catalogue import brier
from simulations.laboratory.compared import compared
from simulations.laboratory.system import (
    Conditions,
    Finding,
    Knob,
    Panel,
    System,
    SystemOutcome,
    as_cells,
    mean_and_error,
)
from simulations.policies import StatedPolicy, softmax
from simulations.signals.groups import (
    Signal,
    advantages_of,
    reward_signal,
    sum_of_signals,
    verdict_signal,
)
from simulations.signals.training import Trained, mean_field, train

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

_LEVELS, _RATE, _GROUP = 11, 0.2, 8
_GRID = np.arange(_LEVELS) / (_LEVELS - 1)
_WEIGHTS = (0.5, 1.0, 1.9, 2.1, 3.0)
"""The weights of the table; with the default answers they lie on both sides of the boundary 2."""
_STEPS = (150, 300)
_LONG, _FAST = 3000, 3.0
_SHARPNESS = 50.0


def sandbagging_weight(worse: float, better: float) -> float:
    """The weight of the Brier score above which one reward for all tokens prefers the worse answer.

    Example:
        >>> sandbagging_weight(0.5, 0.75)
        inf
    """
    return 1 / (1 - worse - better) if worse + better < 1 else inf


def shared_logit_weight(worse: float, better: float, *, share: float) -> float:
    """The weight above which a shared logit unlearns the better answer under separate credit.

    Args:
        worse: the success probability of the worse answer.
        better: that of the better answer.
        share: the probability of the better answer.
    """
    mean = worse + (better - worse) * share
    return (better - worse) / (1 - 2 * mean) if mean < 0.5 else inf


def _start(truth: FloatArray) -> StatedPolicy:
    """Both answers alike, and reports that are near the success probability already."""
    near = softmax(-_SHARPNESS * (_GRID - truth[0, :, None]) ** 2)
    return StatedPolicy(np.full((1, 1, 2), 0.5), near[None, None], _GRID)


def _signals(weight: float, *, separate: bool) -> tuple[Signal, Signal]:
    """The signal of the answers and that of the levels."""
    score = reward_signal(brier, _GRID)
    if separate:
        return verdict_signal, sum_of_signals((weight, score))
    joint = sum_of_signals((1.0, verdict_signal), (weight, score))
    return joint, joint


def _along_the_mean(
    truth: FloatArray, weight: float, steps: int, rate: float, *, separate: bool
) -> Trained:
    p = truth[0]
    wrong, right = brier.table(_GRID)
    score = (weight * (p[:, None] * right + (1 - p[:, None]) * wrong))[None, None]
    verdict = np.repeat(p[:, None], _LEVELS, axis=1)[None, None]
    of_levels = score if separate else verdict + score
    return mean_field(
        _start(truth),
        lambda _: verdict if separate else of_levels,
        confidence_expected=lambda _: of_levels,
        learning_rate=rate,
        steps=steps,
        shrink=1 - 1 / _GROUP,
    )


@lru_cache(maxsize=64)
def separate_share(worse: float, better: float, *, weight: float, separate: bool) -> float:
    """The probability of the better answer after a long training, along the mean field.

    Args:
        worse: the success probability of the worse answer.
        better: that of the better answer.
        weight: the weight of the Brier score.
        separate: whether credit is separate.
    """
    truth = np.array([[worse, better]])
    end = _along_the_mean(truth, weight, _LONG, _FAST, separate=separate).end
    return float(end.answer[0, 0, 1])


def shared_logit(
    truth: FloatArray,
    weight: float,
    *,
    separate: bool,
    share: float,
    learning_rate: float,
    steps: int,
    runs: int | None = None,
    seed: int = 0,
) -> FloatArray:
    """The probability of the better answer at each step, where one logit moves both tokens.

    The policy gives the better answer with probability s(z) and states 1, not 0, with probability
    s(z). Sampled in groups with the mean of the group as baseline, or along the mean field.

    Args:
        truth: the success probability of the worse and of the better answer, (2,).
        weight: the weight of the Brier score.
        separate: whether the answer's part of the gradient has the verdict alone, and the level's
            part the score alone.
        share: the probability of the better answer at the start.
        learning_rate: the rate.
        steps: the number of steps.
        runs: the number of sampled runs; by default the mean field is followed.
        seed: the seed.

    Returns:
        (steps + 1, runs), or (steps + 1, 1).
    """
    rng = np.random.default_rng(np.random.SeedSequence([seed, 1]))
    z = np.full(runs or 1, np.log(share / (1 - share)))
    kept = []
    for _ in range(steps):
        s = 1 / (1 + np.exp(-z))
        kept.append(s)
        if runs:
            z = z + learning_rate * _sampled_slope(s, truth, weight, separate, rng)
        else:
            z = z + learning_rate * (1 - 1 / _GROUP) * _slope(s, truth, weight, separate)
    return np.stack([*kept, 1 / (1 + np.exp(-z))])


def _slope(s: FloatArray, truth: FloatArray, weight: float, separate: bool) -> FloatArray:
    gap = truth[1] - truth[0]
    mean = truth[0] + gap * s
    # E[(q - c)^2] = s (1 - m) + (1 - s) m, by the level's part of z and by the answer's.
    of_level, of_answer = (
        weight * (2 * mean - 1),
        gap * (1 - (0 if separate else weight * (1 - 2 * s))),
    )
    return np.asarray(s * (1 - s) * (of_level + of_answer))


def _sampled_slope(
    s: FloatArray, truth: FloatArray, weight: float, separate: bool, rng: np.random.Generator
) -> FloatArray:
    shape = (s.size, _GROUP)
    chosen, stated = (rng.random(shape) < s[:, None] for _ in range(2))
    correct = (rng.random(shape) < np.where(chosen, truth[1], truth[0])).astype(float)
    score = -weight * (stated - correct) ** 2
    for_answer, for_level = (correct, score) if separate else (correct + score, correct + score)
    pushes = advantages_of(for_answer, "group_mean") * (chosen - s[:, None])
    pushes = pushes + advantages_of(for_level, "group_mean") * (stated - s[:, None])
    return np.asarray(pushes.mean(axis=1))


def _text(weight: float) -> str:
    return "no weight" if isinf(weight) else f"weights above {weight:.3g}"


def _show(conditions: Conditions) -> SystemOutcome:
    runs, steps = conditions.runs(100, 400), conditions.steps(*_STEPS)
    rate, weight, share = conditions.rate(_RATE), conditions["weight"], conditions["share"]
    worse, better = conditions["worse"], conditions["better"]
    separate = not conditions.without
    truth = np.array([[worse, better]])
    of_answers, of_levels = _signals(weight, separate=separate)
    trained = train(
        _start(truth),
        truth,
        of_answers,
        runs=runs,
        group_size=_GROUP,
        learning_rate=rate,
        steps=steps,
        confidence_signal=of_levels,
        seed=conditions.seed,
    )
    limit = _along_the_mean(truth, weight, steps, rate, separate=separate)
    free, panel = compared(
        f"change of the better answer's share at weight {weight:g}",
        trained,
        limit,
        lambda policy: policy.answer[:, 0, 1],
        bias=0.1 * rate,
        title="Share of the better answer",
        y_label="Probability",
    )
    joined, along = (
        shared_logit(
            truth[0],
            weight,
            separate=separate,
            share=share,
            learning_rate=rate,
            steps=steps,
            runs=count,
            seed=conditions.seed,
        )
        for count in (runs, None)
    )
    fall, error = mean_and_error(joined[-1] - joined[0])
    label = "the same, where one logit moves answer and confidence"
    shared = Finding(label, fall, error, float(along[-1, 0] - along[0, 0]), 0.1 * rate)
    return SystemOutcome(
        name="separate-credit",
        without=conditions.without,
        findings=(free, shared),
        boundary=_boundary(worse, better, share, separate=separate),
        head=(
            "weight",
            "share of the better answer in the end: one reward",
            "separate credit",
            "separate credit, one shared logit",
        ),
        rows=tuple(_row(each, worse, better, share) for each in sorted({*_WEIGHTS, weight})),
        panels=(
            panel,
            Panel(
                "The same, one shared logit",
                "Training step",
                "Probability",
                panel.x,
                {
                    "mean of runs": joined[trained.steps].mean(axis=1),
                    "exact": along[trained.steps, 0],
                },
            ),
        ),
        runs=runs,
    )


def _row(weight: float, worse: float, better: float, share: float) -> tuple[str, ...]:
    ends = [
        separate_share(worse, better, weight=weight, separate=separate)
        for separate in (False, True)
    ]
    joined = shared_logit(
        np.array([worse, better]),
        weight,
        separate=True,
        share=share,
        learning_rate=_FAST,
        steps=_LONG,
    )
    return f"{weight:g}", *as_cells([*ends, float(joined[-1, 0])])


def _boundary(worse: float, better: float, share: float, *, separate: bool) -> str:
    if worse == better:
        return "Both answers are right equally often, so that no weight makes one of them worse."
    one = _text(sandbagging_weight(worse, better))
    joined = _text(shared_logit_weight(worse, better, share=share))
    if separate:
        return (
            f"With separate parameters the worse answer wins at no weight (with one reward for all"
            f" tokens at {one}); where one logit moves answer and confidence, at {joined}."
        )
    return f"With one reward for all tokens the worse answer wins at {one}."


SEPARATE_CREDIT = System(
    name="separate-credit",
    story=(
        "Two answers have different success probabilities. The tokens of the answer are paid for"
        " correctness, those of the confidence for the Brier score. With one reward for all tokens"
        " a large weight of the score makes the worse answer, of which the model can be more"
        " certain, the better choice."
    ),
    switch="one reward, correctness plus the weighted score, trains all tokens",
    source="Ma et al. 2026 (DCPO), arXiv 2603.09117; docs/theory.md, Theorem 50",
    verdict=(
        "Agrees that separate credit ends the conflict, where answer and confidence share no"
        " parameter. Masks alone do not end it: one logit that moves both lets the score unlearn"
        " the better answer on a hard question, even at a weight that is safe with one reward."
    ),
    show=_show,
    knobs=(
        Knob("weight", 3.0, 0.0, 20.0, "the weight of the Brier score"),
        Knob("better", 0.4, 0.2, 1.0, "the success probability of the better answer"),
        Knob("worse", 0.1, 0.0, 0.2, "the success probability of the worse answer"),
        Knob("share", 0.5, 0.05, 0.95, "the better answer's share at the start, shared logit"),
    ),
)
