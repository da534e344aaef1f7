"""Two or more rewards side by side: claims, thresholds, regret and speed of learning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, isinf
from typing import TYPE_CHECKING, Any

from scoring_theory.catalogue.coercion import RewardLike, as_reward
from scoring_theory.catalogue.words import occurring
from scoring_theory.checking.check import check
from scoring_theory.checking.report import Report
from scoring_theory.display import line, shortened, table
from scoring_theory.reward.parameters import Parameter

if TYPE_CHECKING:
    from proofs.quantity import Quantity
    from scoring_theory.reward import Reward

_MISREPORTS = ((0.5, 0.7), (0.7, 0.9), (0.9, 1.0))
"""Success probability and stated confidence, for the row "regret"."""
_PLACES = (0.1, 0.5, 0.9)
"""Success probabilities at which the Schervish weight is compared."""
_STEP = 1e-4
_SHORT = 10  # characters of an exact number in a cell


@dataclass(frozen=True, repr=False)
class Comparison:
    """Rewards side by side; see `compare`.

    Attributes:
        reports: the result of `check` for each reward, by label.
        regret: U(p, p) - U(p, q) at three misreports, by label; negative where the misreport earns
            more, infinite where it earns -inf.
        weight: the Schervish weight w(p) at p = 0.1, 0.5 and 0.9, by label: how fast reports are
            pulled to
            p; None for an improper reward, and where a payoff is infinite.
    """

    reports: Mapping[str, Report]
    regret: Mapping[str, tuple[float, ...]]
    weight: Mapping[str, tuple[float | None, ...]]

    def __repr__(self) -> str:
        outcomes = (
            f"{shortened(report.formula, 30)!r} {report.outcome()}"
            for report in self.reports.values()
        )
        return line("Comparison", *outcomes)

    def __str__(self) -> str:
        return "\n".join(f"{label:<26}{'  '.join(cells)}" for label, *cells in self.rows())

    def _repr_html_(self) -> str:
        return table(self.rows(), head=["", *self.reports])

    def rows(self) -> list[tuple[str, ...]]:
        """The table: a label, and one cell for each reward.

        Example:
            >>> for row in compare("c - (q - c)^2", "c - 2*(q - c)^2").rows()[:5]:
            ...     print(row)
            ('claim', 'holds', 'refuted')
            ('proper', 'strictly', 'strictly')
            ('jointly optimal', 'proved', 'refuted')
            ('accuracy margin', '0', '-1')
            ('largest safe weight lam*', '1', '1/2')
        """
        every = list(self.reports.values())
        rows: list[tuple[str, ...]] = [
            ("claim", *(report.outcome() for report in every)),
            ("proper", *map(_properness, every)),
            ("jointly optimal", *(report.jointly_optimal.status for report in every)),
            ("accuracy margin", *(_cell(r.accuracy_margin) for r in every)),
            ("largest safe weight lam*", *(_cell(r.critical_weight) for r in every)),
            ("V decreases below p =", *(_cell(r.local_failure_below) for r in every)),
            ("errors earn more below p =", *(_cell(r.global_failure_below) for r in every)),
            ("least reward", *(_end(report, 0) for report in every)),
            ("largest reward", *(_end(report, 1) for report in every)),
        ]
        for place, (p, q) in enumerate(_MISREPORTS):
            cells = (_number(values[place]) for values in self.regret.values())
            rows.append((f"regret, p = {p:g}, q = {q:g}", *cells))
        cells = (self._relative(label) for label in self.reports)
        rows.append(("  as a share of the range", *cells))
        for place, p in enumerate(_PLACES):
            cells = (_number(values[place]) for values in self.weight.values())
            rows.append((f"weight w at p = {p:g}", *cells))
        return rows

    def _relative(self, label: str) -> str:
        """The regret of the last misreport as a share of the range of the reward."""
        ends = self.reports[label].range
        if ends is None or not self.reports[label].bounded or ends[0].value == ends[1].value:
            return "-"
        return _number(self.regret[label][-1] / (ends[1].value - ends[0].value))

    def to_json(self) -> dict[str, Any]:
        """The comparison as plain data (schema 1), as `scoring-theory compare --json` prints it.

        Example:
            >>> data = compare("c", "c - (q - c)^2").to_json()
            >>> [entry["report"]["verdict"] for entry in data["rewards"]]
            ['refuted', 'holds']
        """
        rewards = [
            {
                "label": label,
                "report": report.to_json(),
                "regret": [
                    {"p": p, "q": q, "value": _finite(value)}
                    for (p, q), value in zip(_MISREPORTS, self.regret[label], strict=True)
                ],
                "weight": [
                    {"p": p, "value": value}
                    for p, value in zip(_PLACES, self.weight[label], strict=True)
                ],
            }
            for label, report in self.reports.items()
        ]
        return {"schema": 1, "rewards": rewards}


def compare(
    *rewards: RewardLike,
    parameters: Mapping[str, Parameter] | None = None,
    **more_parameters: Parameter,
) -> Comparison:
    """Check two or more rewards and put the results side by side.

    The *regret* U(p, p) - U(p, q) is what a misreport q costs if the success probability is p. The
    Schervish weight w(p) is the curvature of the expected reward at a truthful report,
    -d^2 U(p, q)/dq^2 at q = p, to which the speed of learning near the truth is proportional.

    Args:
        rewards: formulas, `Reward`s or entries of the catalogue.
        parameters: values or domains of parameters, for the formulas in which they occur.
        more_parameters: the same, as keywords.

    Raises:
        ValueError: fewer than two rewards are given, or a parameter occurs in none of them.

    Example:
        >>> compare("rlcr", "c + 0.5*spherical")
        Comparison('rlcr' holds, 'c + 0.5*spherical' holds)
        >>> compare("c - (q - c)^2", "c - 2*(q - c)^2").regret["B"][1]
        0.08
    """
    if len(rewards) < 2:
        raise ValueError(f"compare takes two or more rewards, got {len(rewards)}")
    declared = {**(parameters or {}), **more_parameters}
    reports = {
        _label(place): check(reward, parameters=_occurring(reward, declared))
        for place, reward in enumerate(rewards)
    }
    for name in declared:
        if not any(name in report.reward.domains for report in reports.values()):
            raise ValueError(f"the parameter `{name}` occurs in none of the rewards")
    return Comparison(
        reports,
        {label: _regret(report.reward) for label, report in reports.items()},
        {label: _weight(report) for label, report in reports.items()},
    )


def _label(place: int) -> str:
    """A, B, ..., Z, then R27 and so on."""
    return chr(ord("A") + place) if place < 26 else f"R{place + 1}"


def _occurring(given: RewardLike, declared: Mapping[str, Parameter]) -> dict[str, Parameter]:
    """The declared parameters that occur in a reward."""
    words = occurring(given, declared) if isinstance(given, str) else as_reward(given).domains
    return {name: value for name, value in declared.items() if name in words}


def _regret(reward: Reward) -> tuple[float, ...]:
    if reward.free_parameters:
        return (float("nan"),) * len(_MISREPORTS)
    return tuple(
        round(float(reward.expected_reward(p, p)) - float(reward.expected_reward(p, q)), 12)
        for p, q in _MISREPORTS
    )


def _weight(report: Report) -> tuple[float | None, ...]:
    """-d^2 U(p, q)/dq^2 at q = p, which is f' - g' for a proper reward, by central differences."""
    if report.reward.free_parameters or report.proper.status != "proved":
        return (None,) * len(_PLACES)
    return tuple(_curvature(report.reward, p) for p in _PLACES)


def _curvature(reward: Reward, p: float) -> float | None:
    def spread(q: float) -> float:
        return float(reward.payoff(q, correct=1)) - float(reward.payoff(q, correct=0))

    slope = (spread(p + _STEP) - spread(p - _STEP)) / (2 * _STEP)
    return float(f"{slope:.6g}") if isfinite(slope) else None


def _properness(report: Report) -> str:
    if report.proper.status != "proved":
        return {"refuted": "no", "undecided": "undecided"}[report.proper.status]
    return {True: "strictly", False: "weakly", None: "yes"}[report.strict]


def _cell(quantity: Quantity | None) -> str:
    if quantity is None:
        return "-"
    long = len(quantity.exact) > _SHORT or "." in quantity.exact
    known = quantity.value == quantity.value
    return f"{quantity.value:.4g}" if long and known else quantity.exact


def _end(report: Report, which: int) -> str:
    return "-" if report.range is None else _cell(report.range[which])


def _number(value: float | None) -> str:
    return "-" if value is None or value != value else f"{value:.4g}"


def _finite(value: float) -> float | str | None:
    return None if value != value else str(value) if isinf(value) else value
