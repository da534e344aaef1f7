"""The result of `check`: every verdict with its reason, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from proofs.kernel.verifier import SCHEMA as CERTIFICATE_SCHEMA
from proofs.quantity import Quantity
from scoring_theory.catalogue.words import expand_names
from scoring_theory.display import line, shortened, table
from scoring_theory.optimality.critical_weight import ScoreText
from scoring_theory.optimality.threshold_density import variable
from scoring_theory.reward import Reward
from scoring_theory.verdict import Verdict

if TYPE_CHECKING:
    from scoring_theory.checking.trained_report import TrainedReport

REPORT_SCHEMA = 1
Outcome = Literal["holds", "refuted", "undecided"]
_SHORT = 16  # characters of an exact number that a headline can hold
EXIT_CODES: Mapping[Outcome, int] = {"holds": 0, "refuted": 1, "undecided": 3}


@dataclass(frozen=True)
class Report:
    """What `check` found out about a reward; see `scoring_theory.checking.check`.

    A claim is a `Verdict`: its `status` is "proved", "refuted" or "undecided" (neither a
    certificate nor a witness was found, which says nothing about the reward), with a `reason`, and
    a `witness` or a `certificate` where there is one. A number is a `Quantity`: `value` is a float,
    `exact` the exact number as text. What is not known or does not exist is None.

    Attributes:
        reward: the reward R(q, c).
        formula: its formula as typed.
        proper: whether truthful reporting is optimal: U(p, q) <= U(p, p) for all p and q.
        strictly_proper: whether no misreport has the same expected reward as the truth.
        jointly_optimal: whether, for every finite set of answers, the most probable answer with its
            true probability maximises expected reward.
        accuracy_rewarded: whether a more accurate answer, with the confidence that is best for it,
            never has a smaller expected reward (V is nondecreasing).
        accuracy_margin: m = R(0+, 1) - R(0, 0), the smallest slope of V.
        critical_weight: lam*, the largest weight at which c + lam S is jointly optimal; S is
            `score`, or what `weight_parameter` multiplies.
        local_failure_below: the success probability below which V decreases.
        global_failure_below: the success probability below which a deliberately wrong answer with
            q = 0 has a larger expected reward than a truthful one.
        range: the smallest and the largest payoff.
        threshold_density: the Schervish weight w as a formula.
        best_report: q*(p), the confidence with the largest expected reward.
        weight_parameter: the free parameter lam where the formula is c + lam S; `critical_weight`
            bounds it, in terms of the other parameters.
        score: S where no parameter multiplies it: "R" for a score, V(1) <= V(0), and "R - c" for a
            reward, V(1) > V(0).
        failure_certificate: encloses both failure thresholds between decimals of 15 digits.
        training: the verdicts on the advantages of a trainer, if one was named.
        clipped: the check of the clipped reward, where a trainer's clipping changes a payoff.

    Example:
        >>> from scoring_theory import check
        >>> report = check("c - 2*(q - c)^2")
        >>> report
        Report('c - 2*(q - c)^2': strictly proper, not jointly optimal)
        >>> report.jointly_optimal.status, report.jointly_optimal.witness["p_high"]
        ('refuted', '1/4')
        >>> report.accuracy_margin.exact, report.outcome(), report.exit_code()
        ('-1', 'refuted', 1)
    """

    reward: Reward
    formula: str
    proper: Verdict
    strictly_proper: Verdict
    jointly_optimal: Verdict
    accuracy_rewarded: Verdict
    accuracy_margin: Quantity | None
    critical_weight: Quantity | None
    local_failure_below: Quantity | None
    global_failure_below: Quantity | None
    range: tuple[Quantity, Quantity] | None
    threshold_density: str | None
    best_report: str | None
    weight_parameter: str | None = None
    score: ScoreText | None = None
    failure_certificate: Mapping[str, Any] | None = None
    training: TrainedReport | None = None
    clipped: Report | None = None

    def __bool__(self) -> bool:
        """Refuse: a refuted reward has a report as well as a proved one.

        Raises:
            TypeError: always.
        """
        raise TypeError(
            "the truth of a Report is ambiguous: use report.holds for the reward as a whole, or a"
            " single verdict such as report.proper"
        )

    @property
    def holds(self) -> bool:
        """Whether the reward is proved strictly proper and jointly optimal, in training too.

        False where a claim is refuted or undecided; `outcome` distinguishes the two.

        Example:
            >>> from scoring_theory import check
            >>> check("c - (q - c)^2").holds, check("c - 2*(q - c)^2").holds
            (True, False)
        """
        return self.outcome() == "holds"

    @property
    def strict(self) -> bool | None:
        """Whether the reward is strictly proper; None where that is undecided."""
        return {"proved": True, "refuted": False, "undecided": None}[self.strictly_proper.status]

    @property
    def bounded(self) -> bool | None:
        """Whether both ends of the range are finite; None where the range is not known."""
        return None if self.range is None else all("inf" not in end.exact for end in self.range)

    def outcome(self, *, allow_weak: bool = False) -> Outcome:
        """The result in one word: "holds", "refuted" or "undecided".

        Args:
            allow_weak: whether a weakly proper reward is good enough.

        Returns:
            "holds" where the reward is proved strictly proper (or proper, with `allow_weak`) and
            jointly optimal, and every claim about the named trainer is proved; "refuted" where one
            of these claims is refuted; "undecided" otherwise.

        Example:
            >>> from scoring_theory import check
            >>> check("c").outcome(), check("c").outcome(allow_weak=True)  # weakly proper
            ('refuted', 'holds')
        """
        needed = (
            self._needed(allow_weak) if self.clipped is None else self.clipped._needed(allow_weak)
        )
        needed += list(self.training.verdicts.values()) if self.training else []
        if all(v.status == "proved" for v in needed):
            return "holds"
        return "refuted" if any(v.status == "refuted" for v in needed) else "undecided"

    def _needed(self, allow_weak: bool) -> list[Verdict]:
        return [self.proper if allow_weak else self.strictly_proper, self.jointly_optimal]

    def exit_code(self, *, allow_weak: bool = False) -> int:
        """The exit code of `scoring-theory check`: 0 holds, 1 refuted, 3 undecided.

        Example:
            >>> from scoring_theory import check
            >>> check("c - (q - c)^2").exit_code(), check("-abs(q - c)").exit_code()
            (0, 1)
        """
        return EXIT_CODES[self.outcome(allow_weak=allow_weak)]

    @property
    def certificates(self) -> list[Mapping[str, Any]]:
        """The distinct certificates of all verdicts; `proofs.kernel.verifier` verifies them."""
        distinct: list[Mapping[str, Any]] = []
        verdicts = (self.proper, self.strictly_proper, self.jointly_optimal, self.accuracy_rewarded)
        for certificate in (
            *(verdict.certificate for verdict in verdicts),
            self.failure_certificate,
        ):
            if certificate and certificate not in distinct:
                distinct.append(certificate)
        return distinct

    def to_json(self, *, allow_weak: bool = False) -> dict[str, Any]:
        """The report as plain data (schema 1), as `check --json` prints it.

        Example:
            >>> from scoring_theory import check
            >>> data = check("c - 2*(q - c)^2").to_json()
            >>> data["verdict"], data["critical_weight"]["exact"]
            ('refuted', '1/2')
        """

        def shown(quantity: Quantity | None) -> dict[str, Any] | None:
            return None if quantity is None else quantity.to_json()

        bundle = {"schema": CERTIFICATE_SCHEMA, "certificates": self.certificates}
        return {
            "schema": REPORT_SCHEMA,
            "formula": self.formula,
            "parameters": self.reward.parameters,
            "verdict": self.outcome(allow_weak=allow_weak),
            "proper": {**self.proper.to_json(), "strict": self.strict},
            "strictly_proper": self.strictly_proper.to_json(),
            "jointly_optimal": self.jointly_optimal.to_json(),
            "accuracy_rewarded": self.accuracy_rewarded.to_json(),
            "accuracy_margin": shown(self.accuracy_margin),
            "critical_weight": shown(self.critical_weight),
            "weight_parameter": self.weight_parameter,
            "score": self.score,
            "local_failure_below": shown(self.local_failure_below),
            "global_failure_below": shown(self.global_failure_below),
            "range": None if self.range is None else [end.to_json() for end in self.range],
            "bounded": self.bounded,
            "threshold_density": self.threshold_density,
            "best_report": self.best_report,
            "training": None if self.training is None else self._training(),
            "certificate": bundle if self.certificates else None,
        }

    def _training(self) -> dict[str, Any]:
        assert self.training is not None
        clipped = None if self.clipped is None else self.clipped.to_json()
        return {**self.training.to_json(), "clipped": clipped}

    def headline(self, *, allow_weak: bool = False) -> str:
        """The properties of the reward in capitals, and one sentence on what follows from them.

        Args:
            allow_weak: as in `outcome`.

        Example:
            >>> from scoring_theory import check
            >>> print(check("-abs(q - c)").headline())
            IMPROPER, NOT JOINTLY OPTIMAL: for some p a misreport has a larger expected reward
        """
        return f"{', '.join(self._claims()).upper()}: {self._consequence(allow_weak)}"

    def _consequence(self, allow_weak: bool) -> str:
        """What the properties mean for an agent, or why nothing can be said."""
        if self.training is not None:
            return self._consequence_of_training(allow_weak)
        outcome = self.outcome(allow_weak=allow_weak)
        if outcome == "holds":
            optimal = "giving the most likely answer with its true probability maximises"
            ties = "" if self.strict else " (other confidences tie with the true one)"
            edge = self.accuracy_margin is not None and self.accuracy_margin.value == 0
            return f"{optimal} expected reward{ties}" + (
                "; the accuracy margin is exactly 0" if edge else ""
            )
        if outcome == "undecided":
            return "neither a proof nor a counterexample was found"
        if self.proper.status == "refuted":
            rewarded = self.accuracy_rewarded.status == "proved"
            return "for some p a misreport has a larger expected reward" + (
                "; accuracy is rewarded" if rewarded else ""
            )
        if self.jointly_optimal.status == "refuted" and self.proper.status == "undecided":
            return "a less accurate answer earns more than the best one, truthfully reported"
        if self.jointly_optimal.status == "refuted":
            return f"{self._where_errors_earn_more()} a deliberately wrong answer earns more"
        if self.threshold_density == "0":
            ties = "it rewards accuracy only; every confidence has the same expected reward"
        else:
            ties = "some misreports have the same expected reward as the true confidence"
        return f"{ties} (allow_weak accepts that)"

    def _where_errors_earn_more(self) -> str:
        """On which questions, with their largest p where that is known."""
        below = self.global_failure_below
        if below is None or below.value == 0:
            return "on hard questions"
        if below.value == 1:
            return "for every p < 1"
        exact = len(below.exact) <= _SHORT
        return f"on hard questions (p < {below.exact if exact else f'{below.value:.4g}'})"

    def _consequence_of_training(self, allow_weak: bool) -> str:
        """About the reward, unless only the training fails."""
        assert self.training is not None
        alone = replace(self if self.clipped is None else self.clipped, training=None)
        if alone.outcome(allow_weak=allow_weak) != "holds" or self.training.status == "proved":
            clipped = "after clipping, " if self.clipped is not None else ""
            return clipped + alone._consequence(allow_weak)
        return self.training.headline()

    def rows(self) -> list[tuple[str, str]]:
        """The findings as pairs of a label and a text, in reading order.

        Example:
            >>> from scoring_theory import check
            >>> dict(check("c - 2*(q - c)^2").rows())["payoffs"]
            'from -2 to 1'
        """
        strictly = {True: ", strictly", False: ", not strictly", None: ""}[self.strict]
        verdict = self.proper
        reason = (
            verdict.reason
            if verdict.status != "proved" or self.strict
            else self.strictly_proper.reason
        )
        rows = [
            (
                "proper",
                f"{verdict.status}{strictly if verdict.status == 'proved' else ''}: {reason}",
            ),
            ("jointly optimal", f"{self.jointly_optimal.status}: {self.jointly_optimal.reason}"),
        ]
        if self.accuracy_rewarded.reason != self.jointly_optimal.reason:
            rows.append(
                (
                    "accuracy rewarded",
                    f"{self.accuracy_rewarded.status}: {self.accuracy_rewarded.reason}",
                )
            )
        numbers = (
            (
                "accuracy margin",
                self.accuracy_margin,
                "R(0+, 1) - R(0, 0), the smallest slope of the expected reward V(p); it must not be"
                " negative",
            ),
            ("critical weight", self.critical_weight, self._weighed()),
            (
                "local failure",
                self.local_failure_below,
                "for p below this value, expected reward decreases with accuracy",
            ),
            (
                "global failure",
                self.global_failure_below,
                "for p below this value, a deliberately wrong answer with q = 0 earns more",
            ),
        )
        rows += [
            (label, f"{number}  ({meaning})")
            for label, number, meaning in numbers
            if number is not None
        ]
        if self.range is not None:
            rows.append(("payoffs", self._payoffs(*self.range)))
        if self.threshold_density is not None:
            rows.append(
                (
                    "Schervish weight",
                    f"w({variable(self.reward.free_parameters)}) = {self.threshold_density}",
                )
            )
        if self.best_report is not None:
            rows.append(("best report", f"q*(p) = {self.best_report}"))
        if self.clipped is not None:
            clipped = self.clipped
            rows.append(
                (
                    "after clipping",
                    f"{clipped.outcome()}: {clipped.formula}: {clipped._consequence(False)}",
                )
            )
        return rows + (self.training.rows() if self.training else [])

    def _payoffs(self, least: Quantity, most: Quantity) -> str:
        """The range; it is exact for a proper reward, whose extremes are at q = 0 and q = 1."""
        exact = self.proper.status == "proved"
        return (
            f"from {least} to {most}"
            if exact
            else f"measured: from {least.value:.6g} to {most.value:.6g}"
        )

    def _weighed(self) -> str:
        """Which score the critical weight multiplies."""
        typed = self.weight_parameter
        lam = typed or next(
            name for name in ("lam", "k", "w", "mu", "nu") if name not in self.reward.parameters
        )
        star = "lam*" if typed else f"{lam}*"
        exact = self.critical_weight.exact if self.critical_weight else ""
        where = {"0": f"no {lam} > 0", "inf": f"every {lam} >= 0"}.get(exact, f"{lam} <= {star}")
        claim = f"c + {lam} S{', as typed,' if typed else ''} is jointly optimal for {where}"
        return claim if typed else f"{claim}, with S = {self.score}"

    def text(self, *, allow_weak: bool = False) -> str:
        """The report as `scoring-theory check` prints it: formula, headline, findings.

        Args:
            allow_weak: as in `outcome`.

        Example:
            >>> from scoring_theory import check
            >>> print(check("c - 2*(q - c)^2").text())  # doctest: +ELLIPSIS
            c - 2*(q - c)^2
            STRICTLY PROPER, NOT JOINTLY OPTIMAL: on hard questions (p < 1/2) a deliberately ...
        """
        lines = [self._typed(), self.headline(allow_weak=allow_weak), ""]
        return "\n".join([*lines, *(f"  {label:<18} {text}" for label, text in self.rows())])

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        """The formula and the properties of its reward."""
        return line("Report", f"{shortened(self.formula, 50)!r}: {', '.join(self._claims())}")

    def _claims(self) -> list[str]:
        """The properties in the field's terms."""
        proper = {
            "proved": {True: "strictly proper", False: "weakly proper", None: "proper"}[
                self.strict
            ],
            "refuted": "improper",
            "undecided": "properness undecided",
        }
        joint = {
            "proved": "jointly optimal",
            "refuted": "not jointly optimal",
            "undecided": "joint optimality undecided",
        }
        claims = [proper[self.proper.status], joint[self.jointly_optimal.status]]
        if self.training is not None:
            trained = {
                "proved": "preserved in training",
                "refuted": "not preserved in training",
                "undecided": "undecided in training",
            }
            claims.append(trained[self.training.status])
        return claims

    def _repr_latex_(self) -> str:
        return self.reward._repr_latex_()

    def _repr_html_(self) -> str:
        """The formula with its verdict, and the findings as a table."""
        properties, consequence = ", ".join(self._claims()).upper(), self._consequence(False)
        return table(self.rows(), head=(properties, consequence), caption=self._typed())

    def _typed(self) -> str:
        """The formula as typed, with its names expanded and its parameters' domains."""
        domains = (
            f"   with {', '.join(self.reward.parameters.values())}"
            if self.reward.parameters
            else ""
        )
        has_names = expand_names(self.formula, self.reward.domains) != self.formula
        return f"{self.formula}{f' = {self.reward.text}' if has_names else ''}{domains}"
