"""The content of a card, without its look."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoring_theory.advantage.trainers import TRAINERS, Trainer
from scoring_theory.cards.effects import TrainerEffect, trainer_effects
from scoring_theory.catalogue import Entry, correctness
from scoring_theory.catalogue.coercion import RewardLike, as_reward
from scoring_theory.catalogue.words import find
from scoring_theory.checking import Report, check
from scoring_theory.display import line, one_line, shortened, table
from scoring_theory.expression.tex import to_tex

if TYPE_CHECKING:
    from scoring_theory.reward import Reward
    from scoring_theory.reward.parameters import Parameter
    from scoring_theory.verdict import Verdict


@dataclass(frozen=True, eq=False)
class TrainingCurve:
    """A short simulated training: means over runs.

    Attributes:
        setting: the agent, the runs and the steps, in words.
        steps: the training steps at which it was measured.
        accuracy: the mean accuracy at each step.
        mean_confidence: the mean stated confidence at each step.
        ece: the mean expected calibration error at each step.

    Example:
        >>> TrainingCurve("one run", (0, 10), (0.2, 0.5), (0.8, 0.5), (0.6, 0.0)).gap
        (0.6, 0.0)
    """

    setting: str
    steps: tuple[int, ...]
    accuracy: tuple[float, ...]
    mean_confidence: tuple[float, ...]
    ece: tuple[float, ...]

    __repr__ = one_line

    @property
    def gap(self) -> tuple[float, float]:
        """Mean confidence minus accuracy, at the start and at the end."""
        first, last = (round(self.mean_confidence[at] - self.accuracy[at], 6) for at in (0, -1))
        return first, last


@dataclass(frozen=True, eq=False)
class Card:
    """What is known about one reward; `card` makes it.

    Attributes:
        title: its name in prose, or its formula.
        key: its name in the catalogue, or "".
        report: what `check` found.
        beside: what `check` found for c + S if the card is about a score S, which does not reward
            correctness and is therefore trained beside it; None for a reward.
        effects: what the defaults of trainers do to the reward, or to c + S.
        training: a short simulated training, or None.
        source: where the reward was proposed, or "".
        notes: remarks, or "".
        missing: what an answer without a confidence earns in the source, or "".
        abstain: what giving no answer earns in the source, or "".
        family: the formula with its parameters and their values here, or "".

    Example:
        >>> from scoring_theory.cards import card
        >>> made = card("rlcr", trainers={})
        >>> made
        Card('RLCR': strictly proper · jointly optimal)
        >>> made.report.critical_weight.exact, made.latex
        ('1', 'c - (q - c)^{2}')
    """

    title: str
    key: str
    report: Report
    beside: Report | None
    effects: tuple[TrainerEffect, ...]
    training: TrainingCurve | None = None
    source: str = ""
    notes: str = ""
    missing: str = ""
    abstain: str = ""
    family: str = ""

    def __repr__(self) -> str:
        return line("Card", f"{shortened(self.title, 50)!r}: {self.verdict.lower()}")

    def _repr_html_(self) -> str:
        head = ("trainers", "confidence", "answers", "worst bias")
        rows = [
            (", ".join(one.trainers), one.confidence, one.answers, one.example or "-")
            for one in self.effects
        ]
        trained = table(rows, head=head, caption="Default settings of trainers") if rows else ""
        return self.report._repr_html_() + trained

    @property
    def verdict(self) -> str:
        """The properties in capitals, without what follows from them."""
        return self.report.headline().partition(" (")[0]

    @property
    def trained(self) -> Report:
        """The report on what is trained: the reward, or c + S for a score S."""
        return self.report if self.beside is None else self.beside

    @property
    def formula(self) -> str:
        """The formula, with the values of its parameters."""
        return self.report.reward.text

    @property
    def latex(self) -> str:
        """The formula in LaTeX."""
        return to_tex(self.report.reward.formula)

    @property
    def worst(self) -> TrainerEffect | None:
        """The trainers whose defaults move confidence farthest from p; None if none moves it."""
        moving = [effect for effect in self.effects if effect.bias]
        return max(moving, key=lambda effect: effect.bias, default=None)

    @property
    def claims(self) -> dict[str, Verdict]:
        """The verdicts by name."""
        seen = self.report
        claims = {
            "proper": seen.proper,
            "strictly proper": seen.strictly_proper,
            "jointly optimal": seen.jointly_optimal,
            "accuracy rewarded": seen.accuracy_rewarded,
        }
        if self.beside is None:
            return claims
        return {
            "proper": seen.proper,
            "strictly proper": seen.strictly_proper,
            "c + S jointly optimal": self.beside.jointly_optimal,
        }


def card(
    reward: RewardLike,
    *,
    parameters: Mapping[str, Parameter] | None = None,
    trainers: Mapping[str, Trainer] = TRAINERS,
    training: TrainingCurve | None = None,
    step: Callable[[], None] = lambda: None,
) -> Card:
    """Everything that one page says about one reward.

    Args:
        reward: a formula, a name of the catalogue, a `Reward` or an entry.
        parameters: values of its parameters, by name.
        trainers: whose defaults are examined; all that are known by name, which takes some seconds.
        training: a simulated training with it; `simulations.training_card` makes one.
        step: called after each trainer.

    Raises:
        ValueError: a parameter has no value; a card is about one reward.
        FormulaError: the text is not a formula.

    Example:
        >>> card("c - 2*(q - c)^2", trainers={}).verdict
        'STRICTLY PROPER · NOT JOINTLY OPTIMAL'
        >>> card("brier", trainers={}).beside.formula
        'c - (q - c)^2'
        >>> card("c - lam*(q - c)^2", parameters={"lam": "0 < lam <= 1"}, trainers={})
        Traceback (most recent call last):
        ValueError: a card is about one reward, so every parameter needs a value: lam has none ...
    """
    made = as_reward(reward, parameters=parameters)
    if free := ", ".join(made.free_parameters):
        raise ValueError(
            "a card is about one reward, so every parameter needs a value:"
            f" {free} has none in {made.text!r}"
        )
    entry = reward if isinstance(reward, Entry) else _entry(reward)
    report = check(_with_values(made))
    beside = check(correctness + report.reward) if report.kind == "score" else None
    seen = report if beside is None else beside
    name = reward if isinstance(reward, str) and entry is None else made.name or made.text
    facts: dict[str, Any] = {}
    if entry is not None:
        facts = {fact: getattr(entry, fact) for fact in ("source", "notes", "missing", "abstain")}
    return Card(
        title=entry.title if entry else name,
        key=entry.key if entry else "",
        report=report,
        beside=beside,
        effects=trainer_effects(seen.reward, trainers, step=step),
        training=training,
        family=f"{made.text} with {', '.join(made.parameters.values())}" if made.domains else "",
        **{"source": made.source, **facts},
    )


def _entry(reward: RewardLike) -> Entry | None:
    return find(reward) if isinstance(reward, str) else None


def _with_values(reward: Reward) -> Reward:
    """The reward with the values of its parameters written into its formula."""
    from scoring_theory.reward import Reward

    return Reward(reward.bound, name=reward.name) if reward.domains else reward


def certificate_digest(certificate: Mapping[str, Any]) -> str:
    """The SHA-256 of a certificate as JSON with sorted keys, in hexadecimal digits.

    Example:
        >>> from scoring_theory import check
        >>> certificate_digest(check("c - (q - c)^2").certificates[0])[:16]
        '52bfa7169aa144f3'
    """
    return hashlib.sha256(json.dumps(certificate, sort_keys=True).encode()).hexdigest()
