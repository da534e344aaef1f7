"""The verdict on a training run: trainer, outcome model, claims with reasons, and the reports that are stable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from scoring_theory.advantage.trainers import Outcomes, Trainer
from scoring_theory.display import line, one_line
from scoring_theory.verdict import Status, Verdict

if TYPE_CHECKING:
    from scoring_theory.advantage.stability import Components


@dataclass(frozen=True, slots=True)
class Prediction:
    """Where training should end: the levels that no other level invades.

    Attributes:
        success_probability: p.
        stable: q*, in increasing order; empty where every level is invaded.
        every: whether no level at all is invaded.
    """

    success_probability: float
    stable: tuple[float, ...]
    every: bool = False

    __repr__ = one_line

    @property
    def bias(self) -> tuple[float, ...]:
        """q* - p."""
        return tuple(q - self.success_probability for q in self.stable)

    def __str__(self) -> str:
        found = "every level" if self.every else ", ".join(f"{q:g}" for q in self.stable) or "none"
        return f"p = {self.success_probability:g}: {found}"


@dataclass(frozen=True, slots=True)
class GroupSizes:
    """How large groups must be for honest training, as far as stable reports tell.

    Attributes:
        bias: the bound on |q* - p| of every stable report q*.
        most: where the search ended.
        least: p, and the least G that keeps the bound there; None where none up to `most` does.
    """

    bias: float
    most: int
    least: tuple[tuple[float, int | None], ...]

    __repr__ = one_line

    def __str__(self) -> str:
        kept, none = f"keeps stable reports within {self.bias:g} of p", f"none up to {self.most}"
        if all(size is None for _, size in self.least):
            return f"{none} {kept}, at p = {', '.join(f'{p:g}' for p, _ in self.least)}"
        found = (f"p = {p:g}: {none if size is None else size}" for p, size in self.least)
        return f"{'; '.join(found)}  (the least that {kept})"


@dataclass(frozen=True)
class TrainedReport:
    """What is left of a reward after its trainer; see `scoring_theory.checking.assess`."""

    trainer: Trainer
    outcomes: Outcomes
    honest: Verdict
    """No report gains over the truth while everybody else is honest."""
    accurate: Verdict
    """No worse answer, however reported, gains over honest work on the best one."""
    components: Verdict | None = None
    """The parts add up, and none with a tiny weight moves the best report."""
    filtering: Verdict | None = None
    """No group of honest rollouts is dropped for its mean."""
    unread: Mapping[str, Verdict] = field(default_factory=dict)
    """Leaving the confidence out ("missing") or garbling it ("malformed") never beats honesty."""
    predictions: tuple[Prediction, ...] = ()
    parts: Components | None = None
    """The components that the trainer was given."""
    group_sizes: GroupSizes | None = None
    """What was asked of the group's size; None where nothing was."""

    def __repr__(self) -> str:
        trainer = self.trainer.name or self.trainer.estimator
        return line("TrainedReport", repr(trainer), f"{self.outcomes} outcomes: {self.status}")

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """Every claim that was asked for, by name, in reading order."""
        asked = {"honest": self.honest, "accurate": self.accurate, "components": self.components,
                 "filtering": self.filtering, **self.unread}  # fmt: skip
        return {name: verdict for name, verdict in asked.items() if verdict is not None}

    @property
    def status(self) -> Status:
        """Proved if every claim is, refuted if any is, undecided otherwise."""
        found = {verdict.status for verdict in self.verdicts.values()}
        return (
            "refuted" if "refuted" in found else "undecided" if "undecided" in found else "proved"
        )

    def headline(self) -> str:
        """One sentence for the case that the reward alone is fine."""
        if self.honest.status == "refuted":
            return "the trainer undoes the reward: a report other than the truth is reinforced"
        if self.accurate.status == "refuted":
            return "the trainer undoes the reward: a worse answer is reinforced"
        if any(verdict.status == "refuted" for verdict in self.unread.values()):
            return "a loophole: not stating a confidence earns more than stating the true one"
        if self.status == "refuted":
            return "the reward does not survive how it is put together for the trainer"
        return "neither a proof nor a counterexample was found for the training"

    def rows(self) -> list[tuple[str, str]]:
        """Label and text of every finding, in reading order."""
        labels = {"honest": "honesty trained", "accurate": "accuracy trained"}
        found = [("trainer", f"{self.trainer}; {self.outcomes} outcomes")]
        found += [
            (labels.get(name, name), f"{v.status}: {v.reason}") for name, v in self.verdicts.items()
        ]
        if self.predictions:
            alike = all(one.every for one in self.predictions)
            told = "every level, at every p" if alike else "; ".join(map(str, self.predictions))
            found.append(("stable reports", told))
        if self.group_sizes is not None:
            found.append(("group size", str(self.group_sizes)))
        return found

    def to_json(self) -> dict[str, Any]:
        """One object of plain data."""
        return {
            "status": self.status,
            "trainer": self.trainer.to_json(),
            "outcomes": self.outcomes,
            **{name: verdict.to_json() for name, verdict in self.verdicts.items()},
            "predictions": [
                {
                    "success_probability": one.success_probability,
                    "stable": list(one.stable),
                    "bias": list(one.bias),
                }
                for one in self.predictions
            ],
            "group_sizes": None if self.group_sizes is None else asdict(self.group_sizes),
        }
