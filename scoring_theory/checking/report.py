"""The answer to `check`: every verdict with its reason, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from proofs.kernel.verifier import SCHEMA as CERTIFICATE_SCHEMA
from proofs.quantity import Quantity
from scoring_theory.catalogue.words import expand
from scoring_theory.display import line, shortened, table
from scoring_theory.optimality.critical_weight import ScoreText
from scoring_theory.optimality.threshold_density import variable
from scoring_theory.reward import Reward
from scoring_theory.verdict import Verdict

if TYPE_CHECKING:
    from scoring_theory.checking.trained_report import TrainedReport

SCHEMA = 1
Outcome = Literal["holds", "refuted", "undecided"]
EXIT_CODES: Mapping[Outcome, int] = {"holds": 0, "refuted": 1, "undecided": 3}


@dataclass(frozen=True)
class Report:
    """What `check` found out about a reward; see `scoring_theory.checking.check`."""

    reward: Reward
    formula: str
    """As typed."""
    proper: Verdict
    strictly_proper: Verdict
    jointly_optimal: Verdict
    accuracy_rewarded: Verdict
    """Whether a better answer, reported in whatever way pays best, never earns less (V is nondecreasing)."""
    accuracy_margin: Quantity | None
    critical_weight: Quantity | None
    """lam*, the largest weight at which c + lam S is jointly optimal; S is `score`, or `weight_parameter` weighs it."""
    local_failure_below: Quantity | None
    global_failure_below: Quantity | None
    range: tuple[Quantity, Quantity] | None
    threshold_density: str | None
    best_report: str | None
    weight_parameter: str | None = None
    """The free parameter lam where the formula is c + lam S: `critical_weight` bounds it, in terms of the others."""
    score: ScoreText | None = None
    """S where no parameter weighs it: "R" for a score, V(1) <= V(0), and "R - c" for a reward, V(1) > V(0)."""
    failure_certificate: Mapping[str, Any] | None = None
    """Both failure thresholds between decimals of 15 digits."""
    training: TrainedReport | None = None
    """What is left of it after a trainer, if one was named."""
    clipped: Report | None = None
    """The check of the clipped reward, where a trainer's clipping changes a payoff."""

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
        """True only if it is proved: strictly proper, jointly optimal, and so after the trainer that was named.

        False where it is refuted or undecided; `outcome` tells them apart.

        Example:
            >>> from scoring_theory import check
            >>> check("c - (q - c)^2").holds, check("c - 2*(q - c)^2").holds
            (True, False)
        """
        return self.outcome() == "holds"

    @property
    def strict(self) -> bool | None:
        """True, False, or None where it is not known."""
        return {"proved": True, "refuted": False, "undecided": None}[self.strictly_proper.status]

    @property
    def bounded(self) -> bool | None:
        """Whether both ends of the range are finite."""
        return None if self.range is None else all("inf" not in end.exact for end in self.range)

    def outcome(self, *, allow_weak: bool = False) -> Outcome:
        """`holds`: strictly proper (proper is enough with `allow_weak`), jointly optimal, and so after the trainer."""
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
        """0 holds, 1 refuted, 3 undecided."""
        return EXIT_CODES[self.outcome(allow_weak=allow_weak)]

    @property
    def certificates(self) -> list[Mapping[str, Any]]:
        """Every certificate, each once."""
        found: list[Mapping[str, Any]] = []
        verdicts = (self.proper, self.strictly_proper, self.jointly_optimal, self.accuracy_rewarded)
        for certificate in (
            *(verdict.certificate for verdict in verdicts),
            self.failure_certificate,
        ):
            if certificate and certificate not in found:
                found.append(certificate)
        return found

    def to_json(self, *, allow_weak: bool = False) -> dict[str, Any]:
        """One object of plain data, schema 1."""

        def shown(quantity: Quantity | None) -> dict[str, Any] | None:
            return None if quantity is None else quantity.to_json()

        bundle = {"schema": CERTIFICATE_SCHEMA, "certificates": self.certificates}
        return {
            "schema": SCHEMA,
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
        """One sentence that answers the question."""
        if self.training is not None:
            return self._headline_of_training(allow_weak)
        outcome = self.outcome(allow_weak=allow_weak)
        if outcome == "holds":
            edge = self.accuracy_margin is not None and self.accuracy_margin.value == 0
            weakly = "" if self.strict else " (weakly: other confidences tie with the honest one)"
            return f"the best answer with true confidence is the best an agent can do{weakly}" + (
                "; the weight is exactly on the boundary" if edge else ""
            )
        if outcome == "undecided":
            return "neither a proof nor a counterexample was found"
        if self.proper.status == "refuted":
            accurate = {
                "proved": "accurate but not honest",
                "refuted": "neither accurate nor honest",
            }
            return (
                f"{accurate.get(self.accuracy_rewarded.status, 'not honest')}: lying about"
                " confidence pays"
            )
        if self.jointly_optimal.status == "refuted" and self.proper.status == "undecided":
            return "a worse answer pays more than the best one, honestly reported"
        if self.jointly_optimal.status == "refuted":
            return "honest but not accurate: on hard questions a worse answer pays more"
        if self.threshold_density == "0":
            return (
                "accurate, but confidence earns nothing: the honest report is only tied with all"
                " others"
            )
        return (
            "accurate, and honest only up to ties: some confidences earn exactly what the true one"
            " earns"
        )

    def _headline_of_training(self, allow_weak: bool) -> str:
        """About the reward where it fails or all is well, about the training where that alone fails."""
        assert self.training is not None
        alone = replace(self if self.clipped is None else self.clipped, training=None)
        if alone.outcome(allow_weak=allow_weak) != "holds" or self.training.status == "proved":
            clipped = "once clipped: " if self.clipped is not None else ""
            return clipped + alone.headline(allow_weak=allow_weak)
        return self.training.headline()

    def rows(self) -> list[tuple[str, str]]:
        """Label and text of every finding, in reading order."""
        strictly = {True: ", strictly", False: ", not strictly", None: ""}[self.strict]
        verdict = self.proper
        reason = (
            verdict.reason
            if verdict.status != "proved" or self.strict
            else self.strictly_proper.reason
        )
        found = [
            (
                "proper",
                f"{verdict.status}{strictly if verdict.status == 'proved' else ''}: {reason}",
            ),
            ("jointly optimal", f"{self.jointly_optimal.status}: {self.jointly_optimal.reason}"),
        ]
        if self.accuracy_rewarded.reason != self.jointly_optimal.reason:
            found.append(
                (
                    "accuracy rewarded",
                    f"{self.accuracy_rewarded.status}: {self.accuracy_rewarded.reason}",
                )
            )
        numbers = (
            (
                "accuracy margin",
                self.accuracy_margin,
                "R(0+, 1) - R(0, 0), the least that one more unit of p pays",
            ),
            ("critical weight", self.critical_weight, self._weighed()),
            (
                "local failure",
                self.local_failure_below,
                "below this p, of two answers the worse one earns more",
            ),
            (
                "global failure",
                self.global_failure_below,
                "below this p, a deliberately wrong answer with q = 0 earns more",
            ),
        )
        found += [
            (label, f"{number}  ({meaning})")
            for label, number, meaning in numbers
            if number is not None
        ]
        if self.range is not None:
            found.append(("payoffs", self._payoffs(*self.range)))
        if self.threshold_density is not None:
            found.append(
                (
                    "threshold density",
                    f"w({variable(self.reward.free_parameters)}) = {self.threshold_density}",
                )
            )
        if self.best_report is not None:
            found.append(("best report", f"q*(p) = {self.best_report}"))
        if self.clipped is not None:
            clipped = self.clipped
            found.append(
                ("once clipped", f"{clipped.outcome()}: {clipped.formula}: {clipped.headline()}")
            )
        return found + (self.training.rows() if self.training else [])

    def _payoffs(self, least: Quantity, most: Quantity) -> str:
        """The range; only a proper reward has its extremes where they are known, at the ends."""
        exact = self.proper.status == "proved"
        return (
            f"from {least} to {most}"
            if exact
            else f"measured: from {least.value:.6g} to {most.value:.6g}"
        )

    def _weighed(self) -> str:
        """What the critical weight is a weight of."""
        typed = self.weight_parameter
        lam = typed or next(
            name for name in ("lam", "k", "w", "mu", "nu") if name not in self.reward.parameters
        )
        star = "lam*" if typed else f"{lam}*"
        exact = self.critical_weight.exact if self.critical_weight else ""
        where = {"0": f"no {lam} > 0", "inf": f"every {lam} >= 0"}.get(exact, f"{lam} <= {star}")
        told = f"c + {lam} S{', as typed,' if typed else ''} is jointly optimal for {where}"
        return told if typed else f"{told}, with S = {self.score}"

    def text(self, *, allow_weak: bool = False) -> str:
        """The report in plain words."""
        outcome = self.outcome(allow_weak=allow_weak)
        lines = [self._typed(), f"{outcome.upper()}: {self.headline(allow_weak=allow_weak)}", ""]
        return "\n".join([*lines, *(f"  {label:<18} {text}" for label, text in self.rows())])

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        """Formula and claims, such as `Report('c - 2*(q - c)^2': strictly proper, not jointly optimal)`."""
        return line("Report", f"{shortened(self.formula, 50)!r}: {', '.join(self._claims())}")

    def _claims(self) -> list[str]:
        proper = {
            "proved": {True: "strictly proper", False: "proper but not strictly", None: "proper"}[
                self.strict
            ],
            "refuted": "not proper",
            "undecided": "properness undecided",
        }
        joint = {
            "proved": "jointly optimal",
            "refuted": "not jointly optimal",
            "undecided": "joint optimality undecided",
        }
        found = [proper[self.proper.status], joint[self.jointly_optimal.status]]
        if self.training is not None:
            found.append(
                f"{self.training.trainer.name or self.training.trainer.estimator}"
                f" {self.training.status}"
            )
        return found

    def _repr_latex_(self) -> str:
        return self.reward._repr_latex_()

    def _repr_html_(self) -> str:
        """The formula with its verdict, and the findings as a table."""
        return table(
            self.rows(), head=(self.outcome().upper(), self.headline()), caption=self._typed()
        )

    def _typed(self) -> str:
        domains = (
            f"   with {', '.join(self.reward.parameters.values())}"
            if self.reward.parameters
            else ""
        )
        has_names = expand(self.formula, self.reward.domains) != self.formula
        return f"{self.formula}{f' = {self.reward.text}' if has_names else ''}{domains}"
