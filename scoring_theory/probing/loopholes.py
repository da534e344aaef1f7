"""What unreadable completions earn, and whether that is more than the truth earns."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import get_args

from scoring_theory.advantage.trainers import Outcomes, Trainer
from scoring_theory.checking import Report
from scoring_theory.checking.deviations import Search
from scoring_theory.checking.unread import unread_verdict
from scoring_theory.probing.child import PaidReward
from scoring_theory.probing.defects import Defect, DefectKind, Unread
from scoring_theory.probing.fit import sum_text
from scoring_theory.probing.seen import Seen, payoff_number, payoff_text
from scoring_theory.probing.tables import table_loophole
from scoring_theory.verdict import Status


class Loopholes:
    """The search for unreadable completions that earn more than truthful ones.

    Args:
        seen: the payoffs.
        report: the check of the formula, if there is one.
        trainer: how advantages are computed.
        outcomes: how correctness is correlated within a group.
    """

    def __init__(
        self, seen: Seen, report: Report | None, trainer: Trainer, outcomes: Outcomes
    ) -> None:
        self._seen, self._report, self._trainer = seen, report, trainer
        self._outcomes = outcomes
        self._decided: dict[str, tuple[Status, str]] = {}
        self.unread: list[Unread] = []
        self.defects: list[Defect] = []
        for label, (right, wrong) in self._groups().items():
            self._decide(label, right, wrong)

    def _groups(self) -> dict[str, tuple[PaidReward, PaidReward]]:
        """The payoffs of each kind of unreadable completion, with a right and a wrong answer."""
        found: dict[str, dict[bool, PaidReward]] = {}
        for case, paid in self._seen.rows("unread"):
            found.setdefault(case.label, {})[case.right] = paid
        groups = {label: (paid[True], paid[False]) for label, paid in found.items()}
        for case, paid in self._seen.rows("empty"):
            groups[case.label] = (paid, paid)
        return {**groups, **self._other_forms()}

    def _other_forms(self) -> dict[str, tuple[PaidReward, PaidReward]]:
        """The payoffs of a form that the function does not read, though the reader accepts it."""
        found: dict[str, tuple[PaidReward, PaidReward]] = {}
        for label, rows in self._seen.other_forms().items():
            paid = {(case.level, case.right): each for case, each in rows}
            pairs = {
                level: (paid[level, True], paid[level, False]) for level, right in paid if right
            }
            for level, pair in pairs.items():
                told = "" if len({*pairs.values()}) == 1 else f": {self._seen.levels[level]}"
                found[f"{label}{told}"] = pair
        return found

    def _decide(self, label: str, right: PaidReward, wrong: PaidReward) -> None:
        raised = next((each for each in (right, wrong) if isinstance(each, str)), None)
        numbers = [payoff_number(wrong), payoff_number(right)]
        if raised is not None:
            self._found(label, raised, "refuted", Defect("raises", f"{label}: it {raised}"))
        elif right is None and wrong is None and self._trainer.unreadable == "left out":
            self._found(label, "None, left out of its group", "proved")
        elif any(map(math.isnan, numbers)):
            told = " or ".join(dict.fromkeys(map(payoff_text, (right, wrong))))
            why = f"{label}: it pays {told}, which is no reward that can be compared"
            self._found(label, told, "refuted", Defect("nan", why))
        elif math.inf in numbers:
            why = f"{label}: it pays inf, more than any honest confidence"
            self._found(label, "inf", "refuted", Defect("unreadable", why))
        elif numbers[0] == numbers[1] == -math.inf:
            self._found(label, "-inf", "proved")
        else:
            self._number(label, numbers)

    def _number(self, label: str, numbers: list[float]) -> None:
        low, high = (self._seen.fraction(max(each, -1e300)) for each in numbers)
        earns = sum_text([(low, ""), (high - low, "c")])
        known = earns in self._decided
        if not known:
            self._decided[earns] = self._verdict(earns, low, high)
        status, reason = self._decided[earns]
        kind: DefectKind = "missing" if label == "no confidence" else "unreadable"
        defect = Defect(kind, f"{label}: {reason}")
        self._found(label, earns, status, defect if status == "refuted" and not known else None)

    def _found(self, label: str, earns: str, status: Status, defect: Defect | None = None) -> None:
        self.unread.append(Unread(label, earns, status))
        if defect is not None:
            self.defects.append(defect)

    def _verdict(self, earns: str, low: Fraction, high: Fraction) -> tuple[Status, str]:
        """First from the formula, with a proof; otherwise from the payoffs themselves."""
        if self._report is not None:
            reward = self._report.reward
            search = Search([(Fraction(1), reward)], self._trainer, self._outcomes)
            seen = self._report.clipped or self._report
            verdict = unread_verdict(earns, seen, self._trainer, search)
            if verdict.status != "undecided":
                return verdict.status, verdict.reason
        status, reason = table_loophole(self._seen, low, high)
        known: Status = next(each for each in get_args(Status) if each == status)
        return known, reason
