"""The verdicts on training: trainer, outcome model, claims with reasons, and stable reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from scoring_theory.advantage.trainers import Outcomes, Trainer
from scoring_theory.display import line, one_line
from scoring_theory.verdict import Status, Verdict, overall

if TYPE_CHECKING:
    from scoring_theory.advantage.stability import Components


@dataclass(frozen=True, slots=True)
class Prediction:
    """Where training should end: the stable (equilibrium) reports at one p.

    Attributes:
        success_probability: p.
        stable: the confidences q* from which no deviation gains, in increasing order.
        every: whether every confidence is stable.

    Example:
        >>> print(Prediction(0.3, (0.2, 0.3)))
        p = 0.3: 0.2, 0.3
    """

    success_probability: float
    stable: tuple[float, ...]
    every: bool = False

    __repr__ = one_line

    @property
    def bias(self) -> tuple[float, ...]:
        """The difference q* - p of every stable report.

        Example:
            >>> Prediction(0.5, (0.25,)).bias
            (-0.25,)
        """
        return tuple(q - self.success_probability for q in self.stable)

    def __str__(self) -> str:
        stable = ", ".join(f"{q:g}" for q in self.stable) or "none"
        return f"p = {self.success_probability:g}: {'every confidence' if self.every else stable}"


@dataclass(frozen=True, slots=True)
class GroupSizes:
    """The smallest group size for which stable reports are within a bound of p.

    Attributes:
        bias: the bound on |q* - p| of every stable report q*.
        most: the largest group size that was searched.
        least: pairs of p and the smallest such G; None where no G up to `most` keeps the bound.

    Example:
        >>> print(GroupSizes(0.05, 256, ((0.3, 22), (0.7, None))))
        p = 0.3: 22; p = 0.7: none up to 256  (smallest G with stable reports within 0.05 of p)
    """

    bias: float
    most: int
    least: tuple[tuple[float, int | None], ...]

    __repr__ = one_line

    def __str__(self) -> str:
        none, within = f"none up to {self.most}", f"stable reports within {self.bias:g} of p"
        if all(size is None for _, size in self.least):
            return f"{none} has {within}, at p = {', '.join(f'{p:g}' for p, _ in self.least)}"
        sizes = (f"p = {p:g}: {none if size is None else size}" for p, size in self.least)
        return f"{'; '.join(sizes)}  (smallest G with {within})"


@dataclass(frozen=True)
class TrainedReport:
    """The verdicts on the advantages that a trainer computes; `check` makes it for an estimator.

    Attributes:
        trainer: how advantages are computed from the rewards.
        outcomes: how correctness is correlated within a group.
        honest: no misreport has a larger expected advantage than the truth, among truthful
            rollouts.
        accurate: no less accurate answer, with any confidence, has a larger expected advantage than
            the best one.
        components: the components add up to the reward, and none of a tiny weight makes it
            improper.
        filtering: no group of truthful rollouts is dropped for its mean reward.
        regularised: confidence settles at p although a KL penalty is subtracted from the reward.
        unread: omitting the confidence ("missing"), garbling it ("malformed") or running into the
            length limit ("truncated") never has a larger expected advantage than stating the true
            one.
        predictions: the stable reports at a few p.
        parts: the components that the trainer was given.
        group_sizes: the smallest group sizes for the bias that was asked for.
        remarks: further findings that are not verdicts, as pairs of a label and a text.

    Example:
        >>> from scoring_theory import check
        >>> report = check("c - (q - c)^2", estimator="grpo", outcomes="shared").training
        >>> report
        TrainedReport('GRPO', shared outcomes: refuted)
        >>> str(report.predictions[-1])
        'p = 0.9: 1'
    """

    trainer: Trainer
    outcomes: Outcomes
    honest: Verdict
    accurate: Verdict
    components: Verdict | None = None
    filtering: Verdict | None = None
    regularised: Verdict | None = None
    unread: Mapping[str, Verdict] = field(default_factory=dict)
    predictions: tuple[Prediction, ...] = ()
    parts: Components | None = None
    group_sizes: GroupSizes | None = None
    remarks: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        trainer = self.trainer.name or self.trainer.estimator
        return line("TrainedReport", repr(trainer), f"{self.outcomes} outcomes: {self.status}")

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """The verdicts that were asked for by their names, in reading order."""
        asked = {"honest": self.honest, "accurate": self.accurate, "components": self.components,
                 "filtering": self.filtering, "regularised": self.regularised,
                 **self.unread}  # fmt: skip
        return {name: verdict for name, verdict in asked.items() if verdict is not None}

    @property
    def status(self) -> Status:
        """Proved if every claim is proved, refuted if any is refuted, undecided otherwise."""
        return overall(self.verdicts.values())

    def headline(self, *, answers: bool = True) -> str:
        """One sentence for a reward that is safe without the trainer; `answers` as in `rows`."""
        if self.honest.status == "refuted":
            return "under this advantage estimator a confidence other than p is reinforced"
        if answers and self.accurate.status == "refuted":
            return "under this advantage estimator a less accurate answer is reinforced"
        truncated = self.unread.get("truncated")
        if truncated is not None and truncated.status == "refuted":
            return "loophole: a truncated completion earns more than one that stops"
        if any(verdict.status == "refuted" for verdict in self.unread.values()):
            return "loophole: omitting the confidence earns more than stating the true one"
        if self.regularised is not None and self.regularised.status == "refuted":
            return "the KL penalty in the reward moves confidence away from p"
        if any(v is not None and v.status == "refuted" for v in (self.components, self.filtering)):
            return "the components or the group filter of the trainer change the optimum"
        return "neither a proof nor a counterexample was found for the training"

    def rows(self, *, answers: bool = True) -> list[tuple[str, str]]:
        """The findings as pairs of a label and a text, in reading order.

        Args:
            answers: whether an agent chooses among answers, so that their accuracy matters.
        """
        labels = {"honest": "truthful reporting", "accurate": "answer accuracy",
                  "regularised": "KL in the reward"}  # fmt: skip
        rows = [("trainer", f"{self.trainer}; {self.outcomes} outcomes")]
        rows += [
            (labels.get(name, name), f"{v.status}: {v.reason}")
            for name, v in self.verdicts.items()
            if answers or name != "accurate"
        ]
        rows += self.remarks
        if self.predictions:
            ties = all(prediction.every for prediction in self.predictions)
            text = "every confidence, at every p" if ties else "; ".join(map(str, self.predictions))
            rows.append(("stable reports", text))
        if self.group_sizes is not None:
            rows.append(("group size", str(self.group_sizes)))
        return rows

    def to_json(self) -> dict[str, Any]:
        """The verdicts and predictions as plain data, part of `Report.to_json`."""
        return {
            "status": self.status,
            "trainer": self.trainer.to_json(),
            "outcomes": self.outcomes,
            **{name: verdict.to_json() for name, verdict in self.verdicts.items()},
            "predictions": [
                {
                    "success_probability": prediction.success_probability,
                    "stable": list(prediction.stable),
                    "bias": list(prediction.bias),
                }
                for prediction in self.predictions
            ],
            "group_sizes": None if self.group_sizes is None else asdict(self.group_sizes),
            "remarks": dict(self.remarks),
        }
