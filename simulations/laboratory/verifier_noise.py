"""Verifier errors: the fate of accuracy and the honesty of confidence over error rate and weight.

A verifier accepts a wrong answer with probability a and rejects a correct one with probability b.
An agent sees the success probability p' = a + J p with J = 1 - a - b, and its confidence under a
Brier score goes to p', with the bias a - (a + b) p. With v - lam (q - v)^2 for the verdict v, the
expected rewards of an answer of success probability h and one of l, both with the best confidence,
differ by

    J (h - l) (1 - lam (1 - 2 a - J (h + l))).

For lam = 0 only J counts: the better answer gains if J > 0 and loses if J < 0. With confidence
there is a second boundary. On the hardest questions (h and l near 0) the factor is positive up to
lam = 1 / (1 - 2 a), above which the agent prefers deliberate errors. So errors of the verifier
raise the largest safe weight: from 1 at a = 0 to any weight at a = 1/2; b does not matter.

    >>> round(largest_safe_weight(0.25), 3), largest_safe_weight(0.5)
    (2.0, inf)
    >>> advantage_of_better(0.0, 0.0, 1.5, high=0.2) < 0  # without errors: sandbagging
    True
    >>> advantage_of_better(0.3, 0.1, 1.5, high=0.2) > 0  # errors make the same weight safe
    True
    >>> round(confidence_bias(0.3, 0.1, 0.2), 3)  # and confidence wrong
    0.22
    >>> diagram = phase_diagram(0.1, errors=[0.0, 0.3, 0.95], weights=[0.5, 1.5])
    >>> diagram.fate.tolist()
    [['learns', 'learns', 'unlearns'], ['sandbags', 'learns', 'unlearns']]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isnan, nan
from typing import TYPE_CHECKING

import numpy as np

from simulations.laboratory.compared import along
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
from simulations.policies import StatedPolicy
from simulations.signals.groups import Groups
from simulations.signals.training import Trained, mean_field, train
from simulations.worlds import accepted_probability, informedness

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.training.kernels import FloatArray

_LEVELS, _RATE, _GROUP = 11, 0.5, 8
_GRID = np.arange(_LEVELS) / (_LEVELS - 1)
_STEPS, _DIAGRAM_STEPS = (400, 800), 800
_SPREAD = 0.15
"""The standard deviation of confidence before training, around P(accepted)."""
_ERRORS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.8, 0.95)
_WEIGHTS = (0.0, 1.0, 2.0, 4.0)
_ALL_ERRORS, _ALL_WEIGHTS = np.linspace(0, 1, 41), np.linspace(0, 4, 41)


def largest_safe_weight(false_positive: float, false_negative: float = 0.0) -> float:
    """The largest weight of the Brier score for which no question rewards a deliberate error.

        lam = 1 / (1 - 2 a), without a bound from a = 1/2 on; NaN, none, for a + b >= 1

    Where J = 1 - a - b is 0 nothing is learned at any weight, and where it is negative hard
    questions reward errors at all weights below 1 / (1 - 2 a).

    Example:
        >>> largest_safe_weight(0.0), largest_safe_weight(0.5, 0.5)
        (1.0, nan)
    """
    if informedness(false_positive, false_negative) <= 0:
        return nan
    return 1 / (1 - 2 * false_positive) if false_positive < 0.5 else inf


def confidence_bias(false_positive: float, false_negative: float, p: float) -> float:
    """Best confidence minus success probability, a - (a + b) p.

    Example:
        >>> confidence_bias(0.0, 0.5, 1.0)
        -0.5
    """
    return false_positive - (false_positive + false_negative) * p


def advantage_of_better(
    false_positive: float, false_negative: float, weight: float, *, high: float, low: float = 0.0
) -> float:
    """How much more the better of two answers earns, each with its best confidence.

    Args:
        false_positive: a, P(accepted | wrong).
        false_negative: b, P(rejected | correct).
        weight: lam, the weight of the Brier score.
        high: the success probability of the better answer.
        low: that of the other answer; 0 for a deliberate error.
    """
    j = informedness(false_positive, false_negative)
    slope = 1 - weight * (1 - 2 * false_positive - j * (high + low))
    return j * (high - low) * slope


def fate(a: float, b: float, weight: float, *, high: float, low: float = 0.0) -> str:
    """What training does to the better of two answers.

    Returns:
        "learns" or "neutral"; "sandbags" if it loses although the verifier is better than chance;
        "unlearns" if it loses since the verifier is worse than chance; "learns by two wrongs" if a
        reward that prefers errors meets a verifier that prefers them too.

    Example:
        >>> fate(0.25, 0.85, 4.0, high=0.2)
        'learns by two wrongs'
    """
    j, gain = informedness(a, b), advantage_of_better(a, b, weight, high=high, low=low)
    if abs(gain) < 1e-12:
        return "neutral"
    if j > 0:
        return "learns" if gain > 0 else "sandbags"
    return "learns by two wrongs" if gain > 0 else "unlearns"


@dataclass(frozen=True)
class PhaseDiagram:
    """Fate and honesty over the error rate a (n columns) and the weight lam (m rows).

    Attributes:
        errors: a, (n,).
        weights: lam, (m,).
        share: the share of the better answer after training from 1/2, (m, n).
        overconfidence: its mean confidence minus its success probability, (m, n).
        fate: the fate in closed form, (m, n).
        boundary: lam = 1 / (1 - 2 a), at which the hardest questions turn, (n,), for every J.
        pair_boundary: the weight at which these two answers turn, (n,); infinite if there is none.
        critical_error: a = 1 - b, at which J = 0.
    """

    errors: FloatArray
    weights: FloatArray
    share: FloatArray
    overconfidence: FloatArray
    fate: NDArray[np.str_]
    boundary: FloatArray
    pair_boundary: FloatArray
    critical_error: float


def phase_diagram(
    b: float,
    *,
    errors: Sequence[float] | FloatArray = _ALL_ERRORS,
    weights: Sequence[float] | FloatArray = _ALL_WEIGHTS,
    high: float = 0.2,
    low: float = 0.0,
    steps: int = _DIAGRAM_STEPS,
    learning_rate: float = _RATE,
) -> PhaseDiagram:
    """Fate and honesty over (a, lam) at a fixed b, along the mean field of every cell.

    Args:
        b: P(rejected | correct).
        errors: values of a = P(accepted | wrong).
        weights: values of lam, the weight of the Brier score.
        high: the success probability of the better answer.
        low: that of the other answer.
        steps: the number of training steps.
        learning_rate: the learning rate.
    """
    a, lam = np.asarray(errors, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    lams, rates = (x.ravel() for x in np.meshgrid(lam, a, indexing="ij"))
    truth = np.broadcast_to([high, low], (rates.size, 2))
    accepted = accepted_probability(truth, rates[:, None], b)
    end = _along_the_mean(accepted, lams, steps, learning_rate).end
    shape, each = (lam.size, a.size), [(x, y) for y, x in zip(lams, rates, strict=True)]
    fates = np.array([fate(x, b, y, high=high, low=low) for x, y in each])
    slack = 1 - 2 * a - (1 - a - b) * (high + low)
    turning = np.array([largest_safe_weight(x) if x < 0.5 else inf for x in a])
    return PhaseDiagram(
        errors=a,
        weights=lam,
        share=end.answer[0, :, 0].reshape(shape),
        overconfidence=(end.confidence[0, :, 0] @ _GRID - high).reshape(shape),
        fate=fates.reshape(shape),
        boundary=turning,
        pair_boundary=np.where(slack > 0, 1 / np.where(slack > 0, slack, 1.0), inf),
        critical_error=1 - b,
    )


def accepted_reward(accepted: FloatArray, weight: FloatArray) -> FloatArray:
    """The expected reward of each answer with each level, (1, Q, K, L).

    p' - lam (p' (1 - q)^2 + (1 - p') q^2)
    """
    p = accepted[..., None]
    loss = p * (1 - _GRID) ** 2 + (1 - p) * _GRID**2
    return np.asarray((p - weight[:, None, None] * loss)[None])


def _start(accepted: FloatArray) -> StatedPolicy:
    """All answers alike, with a confidence around the P(accepted) of each, (Q, K)."""
    near = np.exp(-((_GRID - accepted[..., None]) ** 2) / (2 * _SPREAD**2))
    answers = np.full(accepted.shape, 1 / accepted.shape[-1])
    return StatedPolicy(answers[None], (near / near.sum(axis=-1, keepdims=True))[None], _GRID)


def _along_the_mean(accepted: FloatArray, weights: FloatArray, steps: int, rate: float) -> Trained:
    paid = accepted_reward(accepted, weights)
    return mean_field(
        _start(accepted), lambda _: paid, learning_rate=rate, steps=steps, shrink=1 - 1 / _GROUP
    )


def _show(conditions: Conditions) -> SystemOutcome:
    without, weight, p = conditions.without, conditions["weight"], conditions["p"]
    a, b = (0.0, 0.0) if without else (conditions["a"], conditions["b"])
    rate, steps = conditions.rate(_RATE), conditions.steps(*_STEPS)
    truth = np.array([[p, 0.0]])
    accepted = accepted_probability(truth, a, b)

    def signal(groups: Groups) -> FloatArray:
        v = groups.correct
        return np.asarray(v - weight * (_GRID[groups.levels] - v) ** 2)

    trained = train(
        _start(accepted),
        accepted,
        signal,
        runs=conditions.runs(400, 1000),
        group_size=_GROUP,
        learning_rate=rate,
        steps=steps,
        seed=conditions.seed,
    )
    limit = _along_the_mean(accepted, np.array([weight]), steps, rate)
    gap, share = _gap(trained, truth), _share(trained)
    exact_gap, exact_share = _gap(limit, truth)[:, 0], _share(limit)[:, 0]
    findings = (
        Finding(
            f"change of the share of the answer with p = {p:g}, against a deliberate error",
            *mean_and_error(share[-1] - share[0]),
            float(exact_share[-1] - exact_share[0]),
            0.03 * rate,
        ),
        Finding(
            "mean confidence minus true accuracy after training",
            *mean_and_error(gap[-1]),
            float(exact_gap[-1]),
            0.03 * rate,
        ),
    )
    x = trained.steps.astype(np.float64)
    curves = {"mean of runs": share.mean(axis=1), "exact": exact_share}
    curves |= {"overconfidence, mean of runs": gap.mean(axis=1), "overconfidence, exact": exact_gap}
    return SystemOutcome(
        name="verifier-noise",
        without=without,
        findings=findings,
        boundary=_boundary(a, b, p, weight),
        head=("a", "J", "largest safe weight", "bias at p", *(f"weight {w:g}" for w in _WEIGHTS)),
        rows=() if without else _rows(b, p),
        panels=(
            Panel("Share of the better answer", "Training step", "Probability", x, curves),
            _diagram_panel(b, p, weight),
        ),
        runs=len(trained.end.answer),
    )


def _gap(trained: Trained, truth: FloatArray) -> FloatArray:
    """Mean confidence minus true accuracy, (T, R)."""
    return along(trained, lambda one: one.mean_confidence() - one.accuracy(truth))


def _share(trained: Trained) -> FloatArray:
    """The share of the better answer, (T, R)."""
    return along(trained, lambda one: one.answer[:, 0, 0])


_FATES = {"neutral": "is indifferent"}
"""How a fate is said of the agent, where it is not a verb."""


def _boundary(a: float, b: float, p: float, weight: float) -> str:
    found = fate(a, b, weight, high=p)
    agent = f"at the weight {weight:g} and p = {p:g} the agent {_FATES.get(found, found)}"
    if a + b == 0:
        return (
            "Without errors confidence is honest at every weight, and deliberate errors earn more"
            f" on hard questions for weights above 1; {agent}."
        )
    return (
        f"{_accuracy(a, b)}; {agent}. The bias of confidence is a - (a + b) p, here"
        f" {confidence_bias(a, b, p):z.3f}: 0 only at p = a / (a + b)."
    )


def _accuracy(a: float, b: float) -> str:
    """What becomes of accuracy, by the sign of J."""
    j, turn = informedness(a, b), f"{1 / (1 - 2 * a):.3f}" if a < 0.5 else ""
    here = f"At a = {a:g} and b = {b:g}, J = 1 - a - b = {j:g}"
    if j == 0:
        return (
            f"{here}: correct and wrong answers are accepted alike, so that nothing is learned of"
            " them at any weight"
        )
    if j < 0:
        where = f"weights below 1/(1 - 2 a) = {turn}" if turn else "all weights"
        return (
            f"{here} is negative: wrong answers are accepted more often, no weight is safe, and at"
            f" {where} accuracy is unlearned on hard questions"
        )
    bound = turn or "any (no bound)"
    return (
        f"At b = {b:g} accuracy is learned if a < {1 - b:zg} (J > 0) and the weight is at most"
        f" 1/(1 - 2 a), here {bound}"
    )


def _rows(b: float, p: float) -> tuple[tuple[str, ...], ...]:
    drawn = phase_diagram(b, errors=_ERRORS, weights=_WEIGHTS, high=p)
    rows = []
    for n, a in enumerate(_ERRORS):
        safe = largest_safe_weight(a, b)
        shown = "none" if isnan(safe) else "any" if safe == inf else f"{safe:.3f}"
        j, bias = as_cells([informedness(a, b), confidence_bias(a, b, p)])
        cells = [
            f"{kind} ({share:.2f})"
            for kind, share in zip(drawn.fate[:, n], drawn.share[:, n], strict=True)
        ]
        rows.append((f"{a:g}", j, shown, bias, *cells))
    return tuple(rows)


def _diagram_panel(b: float, p: float, weight: float) -> Panel:
    """A cut through the diagram: the share after training over a, for three weights."""
    weights = np.array([0.0, 1.0, weight])
    drawn = phase_diagram(b, weights=weights, high=p)
    names = ("0 (accuracy alone)", "1 (RLCR)", f"{weight:g} (as set)")
    curves = {f"weight {name}": row for name, row in zip(names, drawn.share, strict=True)}
    curves["at the start"] = np.full(drawn.errors.size, 0.5)
    title = f"After {_DIAGRAM_STEPS} steps, b = {b:g}"
    return Panel(
        title, "a = P(accepted | wrong)", "Share of the better answer", drawn.errors, curves
    )


VERIFIER_NOISE = System(
    name="verifier-noise",
    story=(
        "The verifier accepts wrong answers with probability a and rejects correct ones with"
        " probability b. Accuracy is learned, sandbagged or unlearned, by the sign of J = 1 - a - b"
        " and by the weight of the Brier score; confidence is calibrated to the verifier, not to"
        " the truth. The question is hard: an honest attempt succeeds with probability p, and the"
        " other answer is a deliberate error. Confidence has been"
        " trained first, so that it starts near what the verifier accepts."
    ),
    switch="the verifier makes no errors",
    source=(
        "Rad et al. 2026 (Rate or Fate?), arXiv 2601.04411, ICML 2026; docs/theory.md, Theorem 40"
    ),
    verdict=(
        "Agrees that the sign of J decides the fate of accuracy and that for J > 0 errors only slow"
        " it (weight 0). The paper has no confidence: with it there is a second boundary,"
        " lam = 1/(1 - 2 a), which errors raise, and a bias of confidence that more training does"
        " not remove."
    ),
    show=_show,
    knobs=(
        Knob("a", 0.3, 0.0, 1.0, "P(accepted | wrong)"),
        Knob("b", 0.1, 0.0, 1.0, "P(rejected | correct)"),
        Knob("weight", 2.0, 0.0, 8.0, "the weight of the Brier score"),
        Knob("p", 0.2, 0.01, 1.0, "the success probability of the better answer"),
    ),
)
