"""Witnesses against an estimator: floats propose a deviation, rational enclosures decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from proofs.kernel.intervals import Undetermined
from proofs.kernel.normal_form import Rejected
from proofs.kernel.subject import Subject
from proofs.search.as_text import midpoint
from proofs.search.samples import sample_values
from scoring_theory.advantage.exact_gain import (
    Deviation,
    Paid,
    exact_payoffs,
    gain,
    gain_among_spread_others,
)
from scoring_theory.advantage.fitness import cases, fitness
from scoring_theory.advantage.trainers import Outcomes, Trainer
from scoring_theory.verdict import Verdict

if TYPE_CHECKING:
    from scoring_theory.expression.numeric import Floats
    from scoring_theory.reward import Reward

_TRUTHS = tuple(Fraction(n, 20) for n in (15, 5, 18, 2, 12, 8, 14, 6, 19, 1))
"""Success probabilities in the order in which a person would try them."""
Instead = tuple[Fraction, Fraction | None]
"""A report, and the success probability of another answer or None."""
_SPREAD = Fraction(1, 20)
_LEAST = 1e-9  # smaller gains are not worth exact arithmetic


@dataclass(frozen=True)
class Search:
    """Deviations from truthful reports of one reward under one trainer.

    Attributes:
        parts: weight and reward of each component; a single one unless the trainer normalises them
            separately.
        trainer: how advantages are computed from the rewards.
        outcomes: how correctness is correlated within a group.

    Example:
        >>> from scoring_theory import Reward
        >>> rlcr, grpo = Reward.parse("c - (q - c)^2"), Trainer(estimator="group_std")
        >>> Search([(Fraction(1), rlcr)], grpo, "shared").dishonest_report().witness["deviation"]
        '1'
    """

    parts: Sequence[tuple[Fraction, Reward]]
    trainer: Trainer
    outcomes: Outcomes

    @cached_property
    def _values(self) -> dict[str, Fraction]:
        """A value for every free parameter: a counterexample needs only one."""
        domains = {name: domain for _, part in self.parts for name, domain in part.domains.items()}
        return sample_values(domains)[0] if domains else {}

    @cached_property
    def _rewards(self) -> list[Reward]:
        return [
            part.bind(
                **{name: value for name, value in self._values.items() if name in part.domains}
            )
            for _, part in self.parts
        ]

    @cached_property
    def _subjects(self) -> list[Subject]:
        return [Subject(reward.text, reward.parameters) for reward in self._rewards]

    @property
    def weights(self) -> list[Fraction]:
        """The weights of the components."""
        return [weight for weight, _ in self.parts]

    def exactly(self, q: Fraction) -> list[Paid] | None:
        """The payoffs of a report, per component; None where one is infinite."""
        payoffs = [exact_payoffs(subject, q) for subject in self._subjects]
        finite = [paid for paid in payoffs if paid is not None]
        return finite if len(finite) == len(payoffs) else None

    def dishonest_report(self) -> Verdict | None:
        """A misreport that gains over the truth among truthful rollouts."""
        for p in _TRUTHS:
            reports = [x for x in _reports(p) if x != p]
            if (refutation := self._best(p, reports, other=None)) is not None:
                return refutation
        return None

    def dishonest_report_of_another_answer(self) -> Verdict | None:
        """A misreport of another answer that gains over its truth among truthful rollouts."""
        for p in _TRUTHS[:4]:
            for other in (Fraction(1, 2), p):
                reports = [x for x in _reports(other) if x != other]
                refutation = self._best(p, reports, other=other, instead=(other, other))
                if refutation is not None:
                    return refutation
        return None

    def misreport_among_spread_others(self) -> Verdict | None:
        """A misreport that gains over the truth among others whose reports are near the truth.

        The others state two reports at the distance 1/20 from p and share the outcome.
        """
        others = self.trainer.group_size - 1
        for p in _TRUTHS[:4]:
            around = [self.exactly(p - _SPREAD), self.exactly(p + _SPREAD)]
            truth = self.exactly(p)
            for report in (p + (1 - 2 * (p < Fraction(1, 2))) * 2 * _SPREAD, Fraction(round(p))):
                own = self.exactly(report)
                if own is None or truth is None or around[0] is None or around[1] is None:
                    continue
                try:
                    gained, _ = gain_among_spread_others(
                        own[0], truth[0], (around[0][0], around[1][0]), others // 2, p, self.trainer
                    ).ends()
                except (Undetermined, Rejected):
                    continue
                if gained > 0:
                    return self._among_spread_others(p, report, gained)
        return None

    def worse_answer(
        self, best: Callable[[Fraction], Fraction] | None = None, *, near: bool = False
    ) -> Verdict | None:
        """A less accurate answer, with any confidence, that gains over the best one.

        Args:
            best: the report of the best answer that a gain is measured from, for a p; by default
                that of the residents, the truth.
            near: whether to try answers that are only a little worse as well.
        """
        for p in (
            Fraction(1, 4),
            Fraction(1, 10),
            Fraction(1, 2),
            Fraction(3, 4),
            Fraction(1, 100),
            Fraction(9, 10),
        ):
            instead = None if best is None else (best(p), None)
            for other, reports in (
                (Fraction(0), [Fraction(0)]),
                (p / 2, [p / 2, Fraction(0), Fraction(1)]),
                *(((p - p / 50, _reports(p)),) if near else ()),
            ):
                refutation = self._best(p, reports, other=other, instead=instead)
                if refutation is not None:
                    return refutation
        return None

    def unread(self, paid: Paid) -> Verdict | None:
        """A p at which a completion without a readable confidence gains over a truthful one."""
        own = np.array([[[midpoint(x)] for x in paid]])
        for p in _TRUTHS:
            truth = self._table([p])
            if np.isfinite(truth).all() and self._floats(own, truth, p, None)[0] > _LEAST:
                refutation = self._certified(Deviation(p, p, None), [paid])
                if refutation is not None:
                    return refutation
        return None

    def _best(
        self,
        p: Fraction,
        reports: Sequence[Fraction],
        other: Fraction | None,
        instead: Instead | None = None,
    ) -> Verdict | None:
        """A certified gain of one of some reports; the three largest in floats are tried.

        The gain is measured from a resident's advantage, or from that of the deviant if it did
        `instead` something else: a report, and the success probability of another answer or None.
        """
        residents, table = self._table([p]), self._table(reports)
        if not np.isfinite(residents).all():
            return None
        usable = np.isfinite(table).all(axis=(0, 1))
        gains = np.where(
            usable, self._floats(np.where(usable, table, 0.0), residents, p, other), -np.inf
        )
        if instead is not None:
            gains = gains - self._floats(self._table([instead[0]]), residents, p, instead[1])
        for gained, report in sorted(zip(gains, reports, strict=True), key=_telling)[:3]:
            if gained > _LEAST:
                own = self.exactly(report)
                deviation = Deviation(p, p, report, other)
                refutation = self._certified(deviation, own, instead) if own else None
                if refutation is not None:
                    return refutation
        return None

    def _table(self, reports: Sequence[Fraction]) -> Floats:
        grid = np.array([float(x) for x in reports])
        return np.stack([reward.table(grid) for reward in self._rewards])

    def _floats(self, own: Floats, truth: Floats, p: Fraction, other: Fraction | None) -> Floats:
        """The gain of each deviation over the residents' report, (D,)."""
        weights, size, chance = (
            np.array([float(w) for w in self.weights]),
            self.trainer.group_size,
            float(p),
        )
        among = cases(chance, size, self.outcomes, other=None if other is None else float(other))
        moved = fitness(own, truth, weights, chance, self.trainer, among)[:, 0]
        stays = fitness(
            truth, truth, weights, chance, self.trainer, cases(chance, size, self.outcomes)
        )[:, 0]
        return np.asarray(moved - stays)

    def _certified(
        self, deviation: Deviation, own: list[Paid], instead: Instead | None = None
    ) -> Verdict | None:
        """The refutation by a deviation, if the lower end of its gain is positive."""
        honest = self.exactly(deviation.resident)
        if honest is None:
            return None
        weights, trainer, outcomes = self.weights, self.trainer, self.outcomes
        try:
            gained = gain(own, honest, weights, deviation, trainer, outcomes)
            if instead is not None:
                if (stays := self.exactly(instead[0])) is None:
                    return None
                stay = replace(deviation, report=instead[0], other=instead[1])
                gained = gained - gain(stays, honest, weights, stay, trainer, outcomes)
        except (Undetermined, Rejected):
            return None
        low, _ = gained.ends()
        return self._verdict(deviation, low, instead) if low > 0 else None

    def _among_spread_others(self, p: Fraction, report: Fraction, low: Fraction) -> Verdict:
        least, below, above = _rounded_down(low), p - _SPREAD, p + _SPREAD
        others = self.trainer.group_size - 1
        values = "".join(f"{name} = {value}, " for name, value in self._values.items())
        witness = {
            **{name: str(value) for name, value in self._values.items()},
            "p": str(p),
            "others": f"{others // 2} x {below}, {others - others // 2} x {above}",
            "deviation": str(report),
            "group_size": str(self.trainer.group_size),
            "outcomes": self.outcomes,
            "gain_at_least": str(least),
        }
        among = f"among {others} reports of {below} and {above}, which share the outcome"
        return Verdict(
            "refuted",
            f"{values}p = {p}: {among}, stating {report} instead of {p} gains at least"
            f" {float(least):.4g} in advantage",
            witness,
        )

    def _verdict(
        self, deviation: Deviation, low: Fraction, instead: Instead | None = None
    ) -> Verdict:
        least = _rounded_down(low)
        values = "".join(f"{name} = {value}, " for name, value in self._values.items())
        over = ""
        if instead is not None:
            same = instead[1] == deviation.other
            over = (
                f" instead of {instead[0]}"
                if same
                else " over the best report of the others' answer"
            )
        reason = (
            f"{values}{self._story(deviation)}{over} gains at least {float(least):.4g} in advantage"
        )
        witness = {
            **{name: str(value) for name, value in self._values.items()},
            "p": str(deviation.p),
            "resident": str(deviation.resident),
            "deviation": "unreadable" if deviation.report is None else str(deviation.report),
            **({} if deviation.other is None else {"p_of_deviation": str(deviation.other)}),
            "group_size": str(self.trainer.group_size),
            "outcomes": self.outcomes,
            "gain_at_least": str(least),
        }
        return Verdict("refuted", reason, witness)

    def _story(self, deviation: Deviation) -> str:
        p, others = deviation.p, self.trainer.group_size - 1
        plural = "s" if others > 1 else ""
        among = f"among {others} truthful report{plural} of {deviation.resident}"
        if deviation.report is None:
            return f"p = {p}: {among}, omitting the confidence"
        if deviation.other is None:
            return f"p = {p}: {among}, stating {deviation.report}"
        rival = (
            "a deliberately wrong answer"
            if deviation.other == 0
            else f"an answer with p = {deviation.other}"
        )
        return f"p = {p}: {among}, {rival} with q = {deviation.report}"


def _telling(candidate: tuple[float, Fraction]) -> tuple[float, int]:
    """The largest gain first; among equals the number that is easiest to check by hand."""
    gained, report = candidate
    return -round(gained, 6), report.denominator


def _reports(p: Fraction) -> list[Fraction]:
    near = [
        p + sign * Fraction(1, d)
        for d in (50, 100, 200, 500, 1000, 2000, 5000, 10_000)
        for sign in (1, -1)
    ]
    return [x for x in [*(Fraction(n, 20) for n in range(21)), *near] if 0 <= x <= 1]


def _rounded_down(value: Fraction) -> Fraction:
    """A short rational that is not larger: four significant digits."""
    scale = 10**4
    while value * scale < 1000:
        scale *= 10
    return Fraction(int(value * scale), scale)
