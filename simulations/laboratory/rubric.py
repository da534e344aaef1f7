"""Rubrics: an exploitable criterion, and which combination keeps the right answer and confidence.

A rubric adds up a verdict c, a criterion of style s that a wrong answer can satisfy, with the
weight w, and a Brier score of the stated confidence q with the weight lam. The plain answer is
right with probability p and has the style s_0; the exploit is right with probability h < p and has
the style s_1 > s_0. With V(p) = p - lam p (1 - p), what an answer earns with its best confidence:

    sum                 c + w s - lam (q - c)^2                V(p) + w s
    veto of everything  c (1 + w s - lam (1 - q)^2)            p (1 + w s), at q = 1
    veto of style       c (1 + w s) - lam (q - c)^2            V(p) + w s p
    saturated sum       min(c + w s - lam (q - c)^2, cap)      (at q = p, or lower)
    saturated style     c + min(w s, cap) - lam (q - c)^2      V(p) + min(w s, cap)

The sum is exploited for w > (V(p) - V(h)) / (s_1 - s_0), the veto of style only for
w > (V(p) - V(h)) / (h s_1 - p s_0), and saturated style at no weight if the cap is below
V(p) - V(h). Confidence stays honest where the Brier score stands outside of veto and saturation: a
veto of everything makes q = 1 best, since errors cost nothing, and a saturated sum pays nothing for
the last part of the score, so that reports below p are best.

    >>> rubric = Rubric(p=0.6, hack=0.2, plain=0.2, lam=1.0, cap=1.0, style_cap=0.25)
    >>> [round(rubric.largest_safe(name), 3) for name in RUBRIC_RULES]
    [0.4, 5.0, 4.0, 0.4, inf]
    >>> [round(rubric.best_report(name, 0.6, 0.2, weight=1.0), 2) for name in RUBRIC_RULES]
    [0.6, 1.0, 0.6, 0.55, 0.6]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

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
from simulations.signals.named import RubricRule, style_bonus
from simulations.signals.training import Trained, mean_field, train

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

RUBRIC_RULES = (
    "sum",
    "veto of everything",
    "veto of style",
    "saturated sum",
    "saturated style",
)
_BONUS: Mapping[str, RubricRule] = MappingProxyType(
    {"sum": "sum", "veto of style": "veto", "saturated style": "saturated"}
)
"""The combinations that only change what is paid for style."""
_LEVELS, _RATE, _GROUP = 11, 0.5, 8
_GRID = np.arange(_LEVELS) / (_LEVELS - 1)
_REPORTS = np.linspace(0, 1, 1001)
_HEAVIEST = 100.0
"""Weights of style up to this one are searched for a boundary."""
_NO_WEIGHT = 1e-9


def rubric_reward(
    name: str, c: float, style: float, report: FloatArray, *, weight: float, lam: float,
    cap: float, style_cap: float,
) -> FloatArray:  # fmt: skip
    """The reward of an outcome under a combination of `RUBRIC_RULES`.

    Args:
        name: the combination.
        c: 1 for a right answer, 0 for a wrong one.
        style: the score of the style criterion, in [0, 1].
        report: stated confidences.
        weight: the weight of the style.
        lam: the weight of the Brier score.
        cap: where the sum saturates.
        style_cap: where the style saturates.

    Raises:
        ValueError: the combination is unknown.
    """
    score = -lam * (report - c) ** 2
    if name in _BONUS:
        bonus = style_bonus(
            _BONUS[name], np.asarray(c), np.asarray(style), weight=weight, cap=style_cap
        )
        return c + bonus + score
    if name == "veto of everything":
        return c * (1 + weight * style + score)
    if name == "saturated sum":
        return np.minimum(c + weight * style + score, cap)
    raise ValueError(f"`name` must be one of {', '.join(RUBRIC_RULES)}, got {name!r}")


@dataclass(frozen=True)
class Rubric:
    """A plain answer and an exploit, whose style is perfect, under a rubric.

    Attributes:
        p: the success probability of the plain answer.
        hack: that of the exploit.
        plain: the style of the plain answer.
        lam: the weight of the Brier score.
        cap: where the sum saturates.
        style_cap: where the style saturates.
    """

    p: float
    hack: float
    plain: float
    lam: float
    cap: float
    style_cap: float

    @property
    def answers(self) -> tuple[tuple[float, float], ...]:
        """Success probability and style of the plain answer and of the exploit."""
        return (self.p, self.plain), (self.hack, 1.0)

    def paid(self, name: str, c: float, style: float, *, weight: float) -> FloatArray:
        """The reward of an outcome at each level of confidence."""
        return self._reward(name, c, style, _GRID, weight)

    def expected(self, name: str, p: float, style: float, *, weight: float) -> FloatArray:
        """The expected reward of an answer at every report from 0 to 1 in steps of 0.001."""
        wrong, right = (self._reward(name, c, style, _REPORTS, weight) for c in (0.0, 1.0))
        return np.asarray(p * right + (1 - p) * wrong)

    def value(self, name: str, p: float, style: float, *, weight: float) -> float:
        """What an answer earns with the best confidence."""
        return float(self.expected(name, p, style, weight=weight).max())

    def best_report(self, name: str, p: float, style: float, *, weight: float) -> float:
        """The confidence with which an answer earns the most."""
        return float(_REPORTS[self.expected(name, p, style, weight=weight).argmax()])

    def gap(self, name: str, weight: float) -> float:
        """How much more the plain answer earns than the exploit."""
        plain, hack = (self.value(name, p, s, weight=weight) for p, s in self.answers)
        return plain - hack

    def largest_safe(self, name: str) -> float:
        """The weight of the style above which the exploit earns more; infinite if there is none."""
        weights = np.geomspace(1e-3, _HEAVIEST, 200)
        bad = [weight for weight in weights if self.gap(name, weight) < 0]
        if not bad:
            return inf
        low, high = 0.0, float(bad[0])
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if self.gap(name, middle) >= 0 else (low, middle)
        return high

    def _reward(
        self, name: str, c: float, style: float, report: FloatArray, weight: float
    ) -> FloatArray:
        return rubric_reward(
            name, c, style, report, weight=weight, lam=self.lam, cap=self.cap,
            style_cap=self.style_cap,
        )  # fmt: skip


def _table(rubric: Rubric, weights: FloatArray) -> FloatArray:
    """The reward of (weight, combination), answer, level and outcome, (Q, 2, L, 2)."""
    return np.array(
        [
            [
                np.stack([rubric.paid(name, c, s, weight=weight) for c in (0.0, 1.0)], axis=-1)
                for _, s in rubric.answers
            ]
            for weight in weights
            for name in RUBRIC_RULES
        ]
    )


def _start(questions: int) -> StatedPolicy:
    levels = np.full((1, questions, 2, _LEVELS), 1 / _LEVELS)
    return StatedPolicy(np.full((1, questions, 2), 0.5), levels, _GRID)


def _along_the_mean(rubric: Rubric, weights: FloatArray, steps: int, rate: float) -> Trained:
    table = _table(rubric, weights)
    p = np.array([p for p, _ in rubric.answers])[:, None]
    expected = (p * table[..., 1] + (1 - p) * table[..., 0])[None]
    return mean_field(
        _start(len(table)),
        lambda _: expected,
        learning_rate=rate,
        steps=steps,
        shrink=1 - 1 / _GROUP,
    )


def _rubric(conditions: Conditions) -> Rubric:
    names = ("p", "hack", "plain", "lam", "cap", "style-cap")
    return Rubric(**{name.replace("-", "_"): conditions[name] for name in names})


def _shares(trained: Trained) -> FloatArray:
    """The share of the plain answer, (T, R, Q)."""
    return np.array([policy.answer[..., 0] for policy in trained.policies])


def _biases(trained: Trained, rubric: Rubric) -> FloatArray:
    """Mean confidence minus accuracy of each question at the end, (R, Q)."""
    end, p = trained.end, np.array([p for p, _ in rubric.answers])
    stated = (end.joint @ _GRID).sum(axis=-1)
    return np.asarray(stated - end.answer @ p)


def _show(conditions: Conditions) -> SystemOutcome:
    rubric, without = _rubric(conditions), conditions.without
    weight = 0.0 if without else conditions["weight"]
    rate, steps = conditions.rate(_RATE), conditions.steps(300, 600)
    table = _table(rubric, np.array([weight]))
    at = np.arange(len(RUBRIC_RULES))[None, :, None]

    def signal(groups: Groups) -> FloatArray:
        c = groups.correct.astype(np.int64)
        return np.asarray(table[at, groups.answers, groups.levels, c])

    truth = np.broadcast_to([p for p, _ in rubric.answers], (len(RUBRIC_RULES), 2))
    trained = train(
        _start(len(RUBRIC_RULES)),
        truth,
        signal,
        runs=conditions.runs(200, 800),
        group_size=_GROUP,
        learning_rate=rate,
        steps=steps,
        seed=conditions.seed,
    )
    limit = _along_the_mean(rubric, np.array([weight]), steps, rate)
    share, exact = _shares(trained), _shares(limit)[:, 0]
    bias, exact_bias = _biases(trained, rubric), _biases(limit, rubric)[0]
    rises = [
        Finding(
            f"change of the plain answer's share, {name}",
            *mean_and_error(share[-1, :, x] - share[0, :, x]),
            float(exact[-1, x] - exact[0, x]),
            0.05 * rate,
        )
        for x, name in enumerate(RUBRIC_RULES)
    ]
    # A Brier score outside of the combination keeps confidence honest; inside, 1 is best.
    inside = float(exact_bias[RUBRIC_RULES.index("veto of everything")])
    gaps = [
        Finding(
            f"mean confidence minus accuracy, {name}",
            *mean_and_error(bias[:, x]),
            float(exact_bias[x]),
            0.05 * rate,
            beside=inside if name in _BONUS else 0.0,
        )
        for x, name in enumerate(RUBRIC_RULES)
    ]
    curves = {name: share[..., x].mean(axis=1) for x, name in enumerate(RUBRIC_RULES)}
    return SystemOutcome(
        name="rubric",
        without=without,
        findings=(*rises, *gaps),
        boundary=_boundary(rubric, without=without),
        head=(
            "combination",
            "largest safe weight of style",
            "plain answer's share after",
            f"best confidence at p = {rubric.p:g}",
            f"at p = {rubric.hack:g}, the exploit",
        ),
        rows=_rows(rubric, weight, exact[-1]),
        panels=(
            Panel(
                f"Plain answer, weight of style {weight:g}",
                "Training step",
                "Mean share of runs",
                trained.steps.astype(np.float64),
                curves,
            ),
            _weights_panel(rubric, steps, rate),
        ),
        runs=len(bias),
    )


def _rows(rubric: Rubric, weight: float, share: FloatArray) -> tuple[tuple[str, ...], ...]:
    rows = []
    for x, name in enumerate(RUBRIC_RULES):
        safe = rubric.largest_safe(name)
        weights = "any" if safe == inf else "none" if safe < _NO_WEIGHT else f"{safe:.3f}"
        reports = [_report(rubric, name, p, s, weight) for p, s in rubric.answers]
        rows.append((name, weights, *as_cells([share[x]]), *reports))
    return tuple(rows)


def _report(rubric: Rubric, name: str, p: float, style: float, weight: float) -> str:
    """The best confidence of an answer, if one is better than another."""
    if np.ptp(rubric.expected(name, p, style, weight=weight)) < _NO_WEIGHT:
        return "any"
    return f"{rubric.best_report(name, p, style, weight=weight):.3f}"


def _where(rubric: Rubric, name: str) -> str:
    """The weights of style at which the exploit earns more."""
    safe = rubric.largest_safe(name)
    if safe == inf:
        return f"at no weight up to {_HEAVIEST:g}"
    return "at every weight" if safe < _NO_WEIGHT else f"above {safe:.3f}"


def _boundary(rubric: Rubric, *, without: bool) -> str:
    if without:
        lost = [name for name in RUBRIC_RULES if rubric.gap(name, 0.0) <= _NO_WEIGHT]
        under = f"every combination but {', '.join(lost)}" if lost else "every combination"
        if len(lost) == len(RUBRIC_RULES):
            under = "no combination, since it earns no more than the exploit"
        confidence = (
            "a veto of everything still makes a confidence of 1 best"
            if rubric.lam
            else "without a Brier score no confidence is better than another"
        )
        return (
            f"Without a criterion of style the plain answer is learned under {under}; {confidence}."
        )
    order = ("sum", "saturated sum", "veto of style", "veto of everything", "saturated style")
    groups: dict[str, list[str]] = {}
    for name in order:
        spoken = name if name == "saturated style" else f"the {name}"
        groups.setdefault(_where(rubric, name), []).append(spoken)
    where = "; ".join(f"{weights} under {', '.join(under)}" for weights, under in groups.items())
    confidence = (
        "Confidence is honest at every weight only where the Brier score stands outside of veto and"
        " saturation"
        if rubric.lam
        else "Without a Brier score no confidence is better than another"
    )
    return f"By the weight of style, the exploit earns more {where}. {confidence}."


def _weights_panel(rubric: Rubric, steps: int, rate: float) -> Panel:
    weights = np.linspace(0, 6, 25)
    end = _shares(_along_the_mean(rubric, weights, steps, rate))[-1, 0]
    shares = end.reshape(weights.size, len(RUBRIC_RULES))
    curves = {name: shares[:, x] for x, name in enumerate(RUBRIC_RULES)}
    return Panel("Plain answer at the end", "Weight of style", "Exact share", weights, curves)


RUBRIC = System(
    name="rubric",
    story=(
        "A rubric pays for a right answer, for style and for honest confidence. The exploit has"
        " perfect style and is rarely right. The sum of the criteria is hacked above a small weight"
        " of style; a veto of style, or style that saturates, keeps the right answer, and keeps"
        " confidence honest because the Brier score stands outside."
    ),
    switch="style has the weight 0",
    source=(
        "Huang et al. 2025 (Rubric Anchors), arXiv 2508.12790; Mahmoud et al. 2026 (Reward Hacking"
        " in Rubric-Based Reinforcement Learning), arXiv 2605.12474"
    ),
    verdict=(
        "Agrees that a rubric with one exploitable criterion is hacked and that veto and saturation"
        " can defend against it, but only in the right place: saturation of the whole sum is hacked"
        " as early as the sum itself and makes reports below p best, and a veto of everything makes"
        " a confidence of 1 best. The papers do not study confidence."
    ),
    show=_show,
    knobs=(
        Knob("weight", 1.0, 0.0, 20.0, "the weight of style"),
        Knob("p", 0.6, 0.05, 1.0, "the success probability of the plain answer"),
        Knob("hack", 0.2, 0.0, 0.95, "the success probability of the exploit"),
        Knob("plain", 0.2, 0.0, 1.0, "the style of the plain answer; the exploit has 1"),
        Knob("lam", 1.0, 0.0, 1.0, "the weight of the Brier score"),
        Knob("cap", 1.0, 0.1, 3.0, "where the sum saturates"),
        Knob("style-cap", 0.25, 0.0, 3.0, "where style saturates"),
    ),
)
