"""The signals of an experiment by name, and what each makes of a group; see `base`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

import numpy as np

from scoring_theory.display import Named
from simulations.signals.base import (
    FixedVerdicts,
    Preparation,
    Scores,
    TrainingSignal,
    WithPayment,
    plain_verdicts,
    require_ranges,
)
from simulations.signals.entropy_controls import ClipCov, KlCov
from simulations.signals.formulas import (
    majority_vote,
    self_confidence,
    weighted_reinforce,
)
from simulations.training.learning_rule import require_whole
from simulations.worlds.reward_heads import fit_heads, robust_mixture

if TYPE_CHECKING:
    from simulations.signals.groups import Groups
    from simulations.training.kernels import FloatArray

RubricRule = Literal["sum", "veto", "saturated"]
"""How a rubric combines the style s with the verdict c: w s, w s c, or min(w s, cap)."""


@dataclass(frozen=True, repr=False)
class PlainVerdict(TrainingSignal):
    """The verdict of the verifier, as without a signal.

        v = c,   s = 0

    Example:
        >>> PlainVerdict()
        PlainVerdict()
    """

    name: ClassVar[str] = "verdict"
    story: ClassVar[str] = "the verdict of the verifier, as without a signal"
    source: ClassVar[str] = "docs/theory.md, section 8"

    def prepare(self, before: Preparation) -> Scores:
        """Nothing is kept."""
        return plain_verdicts


@dataclass(frozen=True, repr=False)
class NoisyJudge(TrainingSignal):
    """A judge that errs on every rollout independently; the truth is measured.

        v = 1 with probability a if the answer is wrong, 1 - b if it is right;   s = 0

    Args:
        a: P(accepted | wrong), in [0, 1].
        b: P(rejected | right), in [0, 1].

    Raises:
        ValueError: If a number lies outside [0, 1].

    Example:
        >>> NoisyJudge(a=0.2).errors
        (0.2, 0.1)
    """

    a: float = 0.1
    b: float = 0.1
    name: ClassVar[str] = "judge"
    story: ClassVar[str] = "a judge accepts wrong answers at the rate a, rejects right ones at b"
    source: ClassVar[str] = "Rad et al. 2026, arXiv 2601.04411"

    def __post_init__(self) -> None:
        require_ranges(self, a=(0, 1), b=(0, 1))

    @property
    def errors(self) -> tuple[float, float]:
        """a and b."""
        return self.a, self.b

    def prepare(self, before: Preparation) -> Scores:
        """Nothing is kept: the verdicts of the groups are those of the judge."""
        return plain_verdicts


@dataclass(frozen=True, repr=False)
class MajorityVote(TrainingSignal):
    """The vote of the group takes the place of the verdict; no verifier is asked.

        v = [y has the most frequent meaning of the group] / (number of such meanings),   s = 0

    Example:
        >>> MajorityVote().describe()
        {'name': 'majority'}
    """

    name: ClassVar[str] = "majority"
    story: ClassVar[str] = "the vote of the group takes the place of the verdict (SRT, TTRL)"
    source: ClassVar[str] = "Shafayat et al. 2025, arXiv 2505.21444"

    def prepare(self, before: Preparation) -> Scores:
        """Keep the meanings of the answers."""
        meanings = np.array(before.meanings)

        def scores(groups: Groups) -> tuple[FloatArray, FloatArray]:
            vote = majority_vote(groups.answers, meanings=meanings)
            return vote, np.zeros(vote.shape)

        return scores


@dataclass(frozen=True, repr=False)
class SelfFeedback(TrainingSignal):
    """The disparity of the policy before training takes the place of the verdict (RLSF).

        v = (1 + pi_0(y) - max_{z != y} pi_0(z)) / 2,   s = 0

    Example:
        >>> SelfFeedback().name
        'rlsf'
    """

    name: ClassVar[str] = "rlsf"
    story: ClassVar[str] = "the policy before training judges answers by their disparity (RLSF)"
    source: ClassVar[str] = "van Niekerk et al. 2025, arXiv 2507.21931"

    def prepare(self, before: Preparation) -> Scores:
        """Keep the disparity of every answer."""
        answer = before.frozen.answer[0]
        every = np.broadcast_to(np.arange(answer.shape[1]), answer.shape)
        return FixedVerdicts((1 + self_confidence(answer, every)) / 2)


@dataclass(frozen=True, repr=False)
class SelfConfidence(TrainingSignal):
    """The verdict times the probability of the answer under the policy.

        v = c pi(y),   s = 0

    Example:
        >>> SelfConfidence().name
        'self-confidence'
    """

    name: ClassVar[str] = "self-confidence"
    story: ClassVar[str] = "the verdict times the policy's own probability of the answer"
    source: ClassVar[str] = "docs/systems.md, self-confidence"

    def prepare(self, before: Preparation) -> Scores:
        """Nothing is kept."""
        return _own_probability


@dataclass(frozen=True, repr=False)
class HeadEnsemble(TrainingSignal):
    """Reward heads that are fitted once to finite data, combined with pessimism (BRME).

        v = alpha m_{j*} + (1 - alpha) min_j m_j,   j* = the head with the smallest spread;   s = 0

    Answers of the policy before training are judged; each head sees a random half of the verdicts.
    With n of them for an answer, r accepted, its mean is (u + r) / (1 + n) and its spread
    1 / sqrt(1 + n), where u is uniform: heads guess where data are thin.

    Args:
        heads: J, at least 1.
        scores: the number of judged answers to each question, not negative.
        alpha: the weight of the most certain head, in [0, 1]; 0 is the worst case.

    Raises:
        ValueError: If a number is outside its domain.

    Example:
        >>> HeadEnsemble(heads=3)
        HeadEnsemble(heads=3)
    """

    heads: int = 5
    scores: int = 12
    alpha: float = 0.5
    name: ClassVar[str] = "brme"
    story: ClassVar[str] = "reward heads fitted once to finite data, with pessimism (BRME)"
    source: ClassVar[str] = "Yan et al. 2024, arXiv 2409.15360"

    def __post_init__(self) -> None:
        require_whole(self, "heads", "scores")
        require_ranges(self, heads=(1, 1000), scores=(0, 1_000_000), alpha=(0, 1))

    def prepare(self, before: Preparation) -> Scores:
        """Fit the heads."""
        counts = before.rng.multinomial(self.scores, before.frozen.answer[0])
        means, spreads = fit_heads(counts, before.accepted, heads=self.heads, rng=before.rng)
        return FixedVerdicts(robust_mixture(means, spreads, weight=self.alpha))


@dataclass(frozen=True, repr=False)
class ContrastiveBaseline(TrainingSignal):
    """The mean reward of k answers of the policy before training is subtracted.

        v = c,   s = -mean_j R(q_j, c_j),   (y_j, q_j) ~ the policy before training, judged once

    Args:
        baselines: k, at least 1.

    Raises:
        ValueError: If a number is outside its domain.

    Example:
        >>> ContrastiveBaseline(baselines=4)
        ContrastiveBaseline(baselines=4)
    """

    baselines: int = 8
    name: ClassVar[str] = "contrastive"
    story: ClassVar[str] = "the mean reward of offline baseline answers is subtracted"
    source: ClassVar[str] = "Shen et al. 2024, arXiv 2403.07708"

    def __post_init__(self) -> None:
        require_whole(self, "baselines")
        require_ranges(self, baselines=(1, 1_000_000))

    def prepare(self, before: Preparation) -> Scores:
        """Draw the baseline answers, judge them once, and keep their mean reward."""
        joint = before.frozen.joint[0].reshape(len(before.accepted), -1)
        levels = before.frozen.grid.size
        drawn = np.stack(
            [before.rng.choice(row.size, self.baselines, p=row / row.sum()) for row in joint]
        )
        chance = np.take_along_axis(before.accepted, drawn // levels, axis=1)
        correct = (before.rng.random(chance.shape) < chance).astype(np.int64)
        return WithPayment(-before.table[correct, drawn % levels].mean(axis=1))


@dataclass(frozen=True, repr=False)
class SignWeights(TrainingSignal):
    """Right and wrong answers are reinforced with different weights (PSR, NSR, W-REINFORCE).

        v = c,   s = right c - wrong (1 - c) - c

    so that the verdict's part of the reward is `right` or -`wrong`, and the stated confidence is
    paid as before. PSR has the weights 1 and 0, NSR 0 and 1, W-REINFORCE 0.1 and 1.

    Args:
        right: the weight of right answers, not negative.
        wrong: the weight of wrong answers, not negative.

    Raises:
        ValueError: If a number is outside its domain.

    Example:
        >>> SignWeights(right=0.1)
        SignWeights(right=0.1)
    """

    right: float = 0.0
    wrong: float = 1.0
    name: ClassVar[str] = "sign"
    story: ClassVar[str] = "right and wrong answers have different weights (PSR, NSR, W-REINFORCE)"
    source: ClassVar[str] = "Zhu et al. 2025, arXiv 2506.01347"

    def __post_init__(self) -> None:
        require_ranges(self, right=(0, np.inf), wrong=(0, np.inf))

    def prepare(self, before: Preparation) -> Scores:
        """Nothing is kept."""

        def scores(groups: Groups) -> tuple[FloatArray, FloatArray]:
            c = groups.correct
            weighted = self.wrong * weighted_reinforce(c, weight=0.0)
            return c, self.right * c + weighted - c

        return scores


@dataclass(frozen=True, repr=False)
class StyleRubric(TrainingSignal):
    """A criterion of style is added, which answers that are never accepted satisfy best.

        v = c,   s = bonus(rule, c, style)

    The style is 1 for an answer that is never accepted, and `plain` for every other one.

    Args:
        weight: w, the weight of the style, not negative.
        plain: the style of an answer that can be right, in [0, 1].
        rule: "sum" (w style), "veto" (w style c) or "saturated" (at most `cap`).
        cap: where the style saturates, not negative.

    Raises:
        ValueError: If a number is outside its domain or the rule is unknown.

    Example:
        >>> StyleRubric(rule="veto")
        StyleRubric(rule='veto')
    """

    weight: float = 0.5
    plain: float = 0.2
    rule: RubricRule = "sum"
    cap: float = 0.25
    name: ClassVar[str] = "rubric"
    story: ClassVar[str] = "a criterion of style that wrong answers satisfy best is added"
    source: ClassVar[str] = "docs/systems.md, rubric"

    def __post_init__(self) -> None:
        require_ranges(self, weight=(0, np.inf), plain=(0, 1), cap=(0, np.inf))
        if self.rule not in get_args(RubricRule):
            raise ValueError(
                f"`rule` must be one of {', '.join(get_args(RubricRule))}, got {self.rule!r}"
            )

    def prepare(self, before: Preparation) -> Scores:
        """Keep the style of every answer."""
        styles = np.where(before.accepted > 0, self.plain, 1.0)

        def scores(groups: Groups) -> tuple[FloatArray, FloatArray]:
            c, style = groups.correct, groups.of_answers(styles)
            return c, style_bonus(self.rule, c, style, weight=self.weight, cap=self.cap)

        return scores


@dataclass(frozen=True, repr=False)
class GradedScore(TrainingSignal):
    """A graded score takes the place of the verdict: a sure score with the mean of the verdict.

        v = P(accepted | y),   s = 0

    Example:
        >>> GradedScore().name
        'graded'
    """

    name: ClassVar[str] = "graded"
    story: ClassVar[str] = "a sure score with the mean of the verdict takes its place"
    source: ClassVar[str] = "docs/systems.md, soft-verifier"

    def prepare(self, before: Preparation) -> Scores:
        """Keep the score of every answer."""
        return FixedVerdicts(before.accepted)


def _own_probability(groups: Groups) -> tuple[FloatArray, FloatArray]:
    return own_probability(groups), np.zeros(groups.correct.shape)


def own_probability(groups: Groups) -> FloatArray:
    """The verdict times the probability of the answer under the policy, c pi(y), (R, Q, G).

    Example:
        >>> from simulations.policies import StatedPolicy
        >>> from simulations.signals.groups import Groups
        >>> policy = StatedPolicy(np.array([[[0.8, 0.2]]]), np.ones((1, 1, 2, 1)), np.ones(1))
        >>> y = np.array([[[0, 0, 1]]])
        >>> groups = Groups(y, 0 * y, np.array([[[1.0, 0.0, 1.0]]]), policy, policy)
        >>> own_probability(groups).tolist()
        [[[0.8, 0.0, 0.2]]]
    """
    share = groups.policy.answer
    return np.asarray(groups.correct * np.take_along_axis(share, groups.answers, axis=-1))


def style_bonus(
    rule: RubricRule, c: FloatArray, style: FloatArray, *, weight: float, cap: float
) -> FloatArray:
    """What a rubric adds for style: w s, w s c ("veto"), or min(w s, cap) ("saturated").

    Args:
        rule: "sum", "veto" or "saturated".
        c: verdicts.
        style: scores of style, in [0, 1].
        weight: w.
        cap: where the style saturates.

    Example:
        >>> one = np.ones(1)
        >>> [style_bonus(rule, 0 * one, one, weight=0.5, cap=0.3).item()
        ...  for rule in ("sum", "veto", "saturated")]
        [0.5, 0.0, 0.3]
    """
    bonus = weight * np.asarray(style)
    return np.asarray(
        bonus * c if rule == "veto" else np.minimum(bonus, cap) if rule == "saturated" else bonus
    )


_ALL: tuple[type[TrainingSignal], ...] = (
    PlainVerdict,
    NoisyJudge,
    MajorityVote,
    SelfFeedback,
    SelfConfidence,
    HeadEnsemble,
    ContrastiveBaseline,
    SignWeights,
    KlCov,
    ClipCov,
    StyleRubric,
    GradedScore,
)
SIGNALS: Mapping[str, type[TrainingSignal]] = Named(
    "SIGNALS", {made.name: made for made in _ALL}, columns=("story", "source")
)
"""The signals by name."""


def signal_named(name: str, options: Mapping[str, str | float] | None = None) -> TrainingSignal:
    """A signal by its name, with some of its numbers set.

    Args:
        name: a name of `SIGNALS`.
        options: values by the name of the option, as numbers or as text.

    Raises:
        ValueError: If the name or an option is unknown, or a value is outside its domain.

    Example:
        >>> signal_named("judge", {"a": "0.3"})
        NoisyJudge(a=0.3)
        >>> signal_named("vote")
        Traceback (most recent call last):
        ...
        ValueError: `signal` must be one of verdict, judge, ..., got 'vote'
    """
    if name not in SIGNALS:
        raise ValueError(f"`signal` must be one of {', '.join(SIGNALS)}, got {name!r}")
    made = SIGNALS[name]
    kinds = {one.name: str(one.type) for one in fields(made)}
    values: dict[str, Any] = {}
    for option, value in (options or {}).items():
        if option not in kinds:
            known = ", ".join(kinds) or "none"
            raise ValueError(f"the signal {name!r} has no option {option!r}; it has: {known}")
        values[option] = _converted(option, value, kinds[option])
    signal: TrainingSignal = made(**values)
    return signal


def as_signal(value: object) -> TrainingSignal | None:
    """A signal, or the signal of this name; None stays None.

    Raises:
        ValueError: If it is neither.

    Example:
        >>> as_signal("majority"), as_signal(None)
        (MajorityVote(), None)
    """
    if value is None or isinstance(value, _ALL):
        return value
    if isinstance(value, str):
        return signal_named(value)
    raise ValueError(f"`signal` must be a signal, such as MajorityVote(), got {value!r}")


def _converted(option: str, value: str | float, kind: str) -> object:
    if kind not in ("int", "float"):
        return value
    try:
        number = float(value)
    except ValueError:
        raise ValueError(f"`{option}` of the signal must be a number, got {value!r}") from None
    return int(number) if kind == "int" and number == int(number) else number
