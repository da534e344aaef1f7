"""A parameter that moves during training: where its weight exceeds the largest safe one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from proofs.floats import beta_cdf
from proofs.kernel.formula import (
    CONFIDENCE,
    Apply,
    FormulaError,
    Name,
    Node,
    Number,
    parse,
    parse_domain,
    rational,
    substitute,
)
from proofs.kernel.normal_form import ONE, ZERO
from proofs.kernel.signs import Region, constant_sign
from proofs.kernel.translate import Translator
from proofs.quantity import Quantity
from proofs.search.prover import Prover
from proofs.trees import fold, names, unparse
from scoring_theory.checking.setting import Setting
from scoring_theory.optimality.critical_weight import critical_weight
from scoring_theory.optimality.failure_thresholds import failure_thresholds, root
from scoring_theory.reward import Reward

if TYPE_CHECKING:
    from scoring_theory.reward.parameters import Parameter

_SHOWN = 5
"""Times at which the table shows weight, threshold and share."""
_CELLS = 200
"""Parts of the schedule's length in each of which lam(t) crosses lam* at most once."""
_USAGE = "write it as 'lam = FORMULA in t, 0 <= t <= 1', for example 'lam = 2*t, 0 <= t <= 1'"


@dataclass(frozen=True)
class Schedule:
    """A parameter as a formula in the time t of training.

    Attributes:
        parameter: its name in the reward.
        formula: its value as a formula in t.
        start: the first t.
        end: the last t.

    Example:
        >>> Schedule.parse("lam = 2*t, 0 <= t <= 1").at(Fraction(1, 4))
        '1/2'
    """

    parameter: str
    formula: Node
    start: Fraction
    end: Fraction

    @classmethod
    def parse(cls, text: str) -> Schedule:
        """Read `lam = FORMULA in t, 0 <= t <= 1`.

        Raises:
            ValueError: the text is not of this form.
        """
        left, _, domain = text.rpartition(",")
        name, equals, formula = left.partition("=")
        formula = formula.strip().removesuffix(" in t")
        if not equals or not name.strip().isidentifier():
            raise ValueError(f"{text!r} is not a schedule: {_USAGE}")
        try:
            time, span = parse_domain(domain)
            node = parse(formula, ("t",), variables=())
        except FormulaError as error:
            raise ValueError(f"{text!r} is not a schedule ({error}): {_USAGE}") from None
        if time != "t" or span.low is None or span.high is None or span.low >= span.high:
            raise ValueError(f"a schedule needs an interval of t, got {domain.strip()!r}: {_USAGE}")
        return cls(name.strip(), node, span.low, span.high)

    def apply(self, reward: Reward) -> Reward:
        """The reward with the formula in t in the place of the parameter, for all t.

        Raises:
            ValueError: the reward does not have the parameter, or has one called t.

        Example:
            >>> moving = Schedule.parse("lam = 2*t, 0 <= t <= 1")
            >>> moving.apply(Reward.parse("c - lam*(q - c)^2", lam="lam >= 0")).text
            'c - 2*t*(q - c)^2'
        """
        if self.parameter not in reward.domains:
            raise ValueError(f"the schedule is of {self.parameter!r}, which {reward.text!r} lacks")
        if "t" in reward.domains:
            raise ValueError("the reward has a parameter t of its own: rename it")
        domains: dict[str, Parameter] = {
            name: domain for name, domain in reward.domains.items() if name != self.parameter
        }
        if "t" in names(self.formula):
            domains["t"] = f"{self.start} <= t <= {self.end}"
        text = unparse(substitute(reward.formula, {self.parameter: self.formula}))
        return Reward.parse(text, parameters=domains)

    def at(self, time: Fraction) -> str:
        """The value at a time, as a formula without t.

        Example:
            >>> Schedule.parse("lam = 2*t, 0 <= t <= 1").at(Fraction(1, 4))
            '1/2'
        """
        return unparse(fold(substitute(self.formula, {"t": Number(time)})))

    def __str__(self) -> str:
        return f"{self.parameter} = {unparse(self.formula)} for {self.start} <= t <= {self.end}"


def schedule(reward: Reward, moving: Schedule, difficulty: str = "uniform") -> Setting:
    """Where a moving weight is too large, and which share of questions suffers from it.

    At time t the reward has the value of the schedule; where lam(t) > lam*, a deliberately wrong
    answer earns more on questions with p below the global failure threshold. The verdicts are about
    `moving.apply(reward)`, for all t at once.

    Args:
        reward: the reward with the parameter.
        moving: the schedule.
        difficulty: the law of p over questions, "uniform" or "beta(a, b)".

    Raises:
        ValueError: `difficulty` is neither.

    Source: `docs/theory.md`, Theorem 44.

    Example:
        >>> moving = Schedule.parse("lam = 2*t, 0 <= t <= 1")
        >>> setting = schedule(Reward.parse("c - lam*(q - c)^2", lam="lam >= 0"), moving)
        >>> dict(setting.rows)["unsafe times"]
        't between 1/2 and 1, where lam(t) > lam* = 1'
    """
    a, b = _shapes(difficulty)
    rows = [("schedule", str(moving))]
    table = []
    for k in range(_SHOWN):
        time = moving.start + (moving.end - moving.start) * Fraction(k, _SHOWN - 1)
        below = _fails_below(reward, moving, time)
        share = None if below is None else beta_cdf(below, a, b)
        table.append({"t": str(time), "value": moving.at(time), "fails_below": below,
                      "share": share})  # fmt: skip
    unsafe = _unsafe(reward, moving)
    if unsafe is not None:
        rows.append(("unsafe times", unsafe))
    rows += [("questions", "; ".join(map(_told, table)) + f" (p is {difficulty})")]
    data = {"schedule": str(moving), "difficulty": difficulty, "unsafe": unsafe, "times": table}
    return Setting("during the schedule", rows=rows, data=data)


def _shapes(difficulty: str) -> tuple[float, float]:
    if difficulty.strip() == "uniform":
        return 1.0, 1.0
    found = re.fullmatch(r"\s*beta\(([0-9./]{1,20}),\s*([0-9./]{1,20})\)\s*", difficulty)
    with suppress(FormulaError):
        if found and all(rational(x) > 0 for x in found.groups()):
            return float(rational(found[1])), float(rational(found[2]))
    raise ValueError(f"the difficulty must be uniform or beta(a, b), got {difficulty!r}")


def _fails_below(reward: Reward, moving: Schedule, time: Fraction) -> float | None:
    """The global failure threshold at a time; 0 where the reward is safe, None if not known."""
    fixed = substitute(reward.formula, {moving.parameter: parse(moving.at(time), variables=())})
    others = {n: d for n, d in reward.parameters.items() if n != moving.parameter}
    prover = Prover(unparse(fixed), others)
    if prover.jointly_optimal.decision == "proved":
        return 0.0
    threshold = failure_thresholds(prover)[1]
    return None if threshold is None else threshold.value


def _told(row: Mapping[str, Any]) -> str:
    below, share = row["fails_below"], row["share"]
    fails = "undecided"
    if below is not None:
        fails = f"fails below p = {below:.3g}, {share:.0%}" if below else "safe, 0%"
    return f"t = {row['t']}: {fails}"


def _unsafe(reward: Reward, moving: Schedule) -> str | None:
    """The times with lam(t) > lam*, where lam* is a number."""
    weight = critical_weight(Prover(reward.text, reward.parameters))
    if weight.parameter != moving.parameter or weight.largest is None:
        return None
    largest = weight.largest.exact
    if largest == "inf":
        return f"none: every {moving.parameter} >= 0 is safe"
    if names(parse(largest, reward.domains.keys(), variables=())):
        return None
    stretches = _above(moving, largest)
    if not stretches:
        return f"none: {moving.parameter}(t) <= lam* = {largest} throughout"
    told = " and ".join(f"t between {low} and {high}" for low, high in stretches)
    return f"{told}, where {moving.parameter}(t) > lam* = {largest}"


def _above(moving: Schedule, largest: str) -> list[tuple[str, str]]:
    """The stretches of time with lam(t) > lam*; their ends are roots of the difference."""
    width = moving.end - moving.start
    inside = Apply("+", (Number(moving.start), Apply("*", (Number(width), Name(CONFIDENCE)))))
    node = substitute(moving.formula, {"t": inside})
    gap = parse(f"({unparse(node)}) - ({largest})")
    piece = Translator(Region({}, ZERO, ONE))
    gain = piece.smooth(gap)
    signs = [_sign(gap, Fraction(k, _CELLS)) for k in range(_CELLS + 1)]
    ends: list[str] = [str(moving.start)] if signs[0] > 0 else []
    for k in range(_CELLS):
        before, after = signs[k], signs[k + 1]
        if (before > 0) != (after > 0):
            low, high = Fraction(k, _CELLS), Fraction(k + 1, _CELLS)
            if min(before, after) == 0:  # it is equal at an end of the cell
                ends.append(str(moving.start + width * (low if before == 0 else high)))
            else:
                ends.append(_time(moving, root(-gain if before > 0 else gain, low, high)))
    if signs[-1] > 0:
        ends.append(str(moving.end))
    return list(zip(ends[::2], ends[1::2], strict=True))


def _sign(gap: Node, u: Fraction) -> int:
    value = Translator(Region({})).smooth(substitute(gap, {CONFIDENCE: Number(u)}))
    return constant_sign(value)


def _time(moving: Schedule, found: Quantity) -> str:
    """The time for a part of the schedule's length."""
    with suppress(FormulaError):
        if found.equation is None:
            return str(moving.start + (moving.end - moving.start) * rational(found.exact))
    return f"{float(moving.start) + float(moving.end - moving.start) * found.value:.6g}"
