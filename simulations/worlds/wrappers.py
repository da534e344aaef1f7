"""Wrappers: functions from a world to a world that add one imperfection.

If nothing changes, they return the world itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from simulations.worlds.banks import fallen
from simulations.worlds.world import World

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from scoring_theory.expression.numeric import Floats


def competence_shift(world: World, by: float) -> World:
    """Lower the log-odds of every answer by `by`, without any change that the agent can observe.

        logit p' = logit p - by

    Shifts add up: a shift by a followed by one by b is a shift by a + b.

    Args:
        world: The world; its verifier must not err.
        by: Decrease of the log-odds.

    Raises:
        ValueError: If `by` is not finite or the verifier of the world errs.

    Example:
        >>> world = World(np.array([[0.5, 0.0]]))
        >>> competence_shift(world, np.log(3.0)).success_probability.round(12).tolist()
        [[0.25, 0.0]]
    """
    _require_finite("by", by)
    return (
        _truth(world, fallen(world.success_probability, by), competence_shift=by) if by else world
    )


def covariate_shift(world: World, by: float, *, feature: int = 1) -> World:
    """Shift the distribution of the questions x, without a change of p(c | x).

    The questions are resampled with weights exp(by * features[:, feature]), at evenly spaced points
    of the cumulative weights, so that the result is not random. A normal feature of variance 1
    shifts by about `by` standard deviations, as far as a finite set of questions allows.

    Args:
        world: A world with features; without features an agent could not distinguish the
            questions.
        by: Size of the shift; 0 keeps every question.
        feature: Number of the feature that shifts; 1 is the difficulty of `feature_world`.

    Raises:
        ValueError: If `by` is not finite, the world has no features, or the feature does not exist.

    Example:
        >>> from simulations.worlds import feature_world
        >>> world = feature_world(512)
        >>> shifted = covariate_shift(world, 1.0)
        >>> round(float(shifted.features[:, 1].mean() - world.features[:, 1].mean()), 1)
        1.1
    """
    _require_finite("by", by)
    if world.features is None:
        raise ValueError("a covariate shift needs a world with features; this world has none")
    if not 0 <= feature < world.features.shape[1]:
        raise ValueError(
            f"`feature` must be from 0 to {world.features.shape[1] - 1}, got {feature}"
        )
    if by == 0:
        return world
    lean = by * world.features[:, feature]
    running = np.cumsum(np.exp(lean - lean.max()))
    marks = (np.arange(world.questions) + 0.5) / world.questions * running[-1]
    asked = np.searchsorted(running, marks)
    moved = replace(
        world,
        success_probability=world.success_probability[asked],
        features=world.features[asked],
        paid=None if world.paid is None else world.paid[asked],
    )
    return _noted(moved, covariate_shift=by, feature=feature)


def annotator_disagreement(world: World, share: float) -> World:
    """Let a share of the annotators choose at random among the answers that can be correct.

        p'(y) = (1 - share) p(y) + share [p(y) > 0] / h,   h = number of answers with p > 0

    Correctness then depends on the annotator, which the agent does not observe: a calibrated
    confidence is p', also where p is 0 or 1. If the truth is given as a table of votes, pass the
    shares of the votes to `World` instead.

    Args:
        world: The world; its verifier must not err.
        share: Share of annotators who choose at random, in [0, 1].

    Raises:
        ValueError: If `share` lies outside [0, 1] or the verifier of the world errs.

    Example:
        >>> world = World(np.array([[1.0, 0.5, 0.0]]))
        >>> annotator_disagreement(world, 0.5).success_probability.tolist()
        [[0.75, 0.5, 0.0]]
    """
    _require_unit("share", share)
    possible = world.success_probability > 0
    spread = possible / np.maximum(possible.sum(axis=1, keepdims=True), 1)
    mixed = (1 - share) * world.success_probability + share * spread
    return _truth(world, mixed, annotator_disagreement=share) if share else world


def with_steps(world: World, steps: int) -> World:
    """Make every answer a trace of several steps, which is correct if all of them are.

        p' = p^steps

    The old success probability is that of each step.

    Args:
        world: The world; its verifier must not err.
        steps: Number of steps, 1 or more.

    Raises:
        ValueError: If `steps` is below 1 or the verifier of the world errs.

    Example:
        >>> with_steps(World(np.array([[0.5, 0.0]])), 3).success_probability.tolist()
        [[0.125, 0.0]]
    """
    if steps < 1:
        raise ValueError(f"`steps` must be at least 1, got {steps}")
    return _truth(world, world.success_probability**steps, with_steps=steps) if steps > 1 else world


def drifted(world: World, towards: World, *, time: float) -> World:
    """A world between two others: p' = (1 - time) p + time p_towards.

    `Experiment(drifts_to=...)` trains in a sequence of such worlds.

    Args:
        world: The world at time 0.
        towards: The world at time 1, with the same questions, answers and features.
        time: In [0, 1].

    Raises:
        ValueError: If `time` lies outside [0, 1], the worlds do not match, or a verifier errs.

    Example:
        >>> start, end = World(np.array([[0.8, 0.0]])), World(np.array([[0.4, 0.0]]))
        >>> drifted(start, end, time=0.5).success_probability.round(12).tolist()
        [[0.6, 0.0]]
    """
    _require_unit("time", time)
    same = world.success_probability.shape == towards.success_probability.shape
    if not same or not _equal(world.features, towards.features):
        raise ValueError(
            "a world can only drift towards one with the same questions, answers and features"
        )
    if towards.paid is not None:
        raise ValueError(
            "a world cannot drift towards one whose verifier errs; apply the verifier afterwards"
        )
    both = np.maximum(world.success_probability, towards.success_probability)
    if (without := np.flatnonzero(both.min(axis=1) > 0)).size:
        raise ValueError(
            "a world can only drift towards one in which every question has the same answer that is"
            f" never correct, such as a shift of the same bank; question {without[0]} has none"
        )
    moved = (1 - time) * world.success_probability + time * towards.success_probability
    return _truth(world, moved, drifted=time, towards=towards.fingerprint) if time else world


def with_meanings(world: World, copies: int) -> World:
    """Give every answer `copies` wordings: K answers become copies * K, in blocks of one meaning.

    Wordings with one meaning have the same success probability; `world.meanings` lists the
    meanings.

    Args:
        world: The world, without an abstention.
        copies: Number of wordings of each answer, 1 or more.

    Raises:
        ValueError: If `copies` is below 1, the world has an abstention, or outcomes are
            "by_answer".

    Example:
        >>> worded = with_meanings(World(np.array([[0.5, 0.0]])), 2)
        >>> worded.meanings, worded.success_probability.tolist()
        ((0, 0, 1, 1), [[0.5, 0.5, 0.0, 0.0]])
    """
    if copies < 1:
        raise ValueError(f"`copies` must be at least 1, got {copies}")
    if world.abstain is not None:
        raise ValueError(
            "an abstention has only one wording; apply `with_meanings` before `with_abstention`"
        )
    if copies == 1:
        return world
    original = np.repeat(np.arange(world.answers), copies)
    worded = replace(
        world,
        success_probability=world.success_probability[:, original],
        paid=None if world.paid is None else world.paid[:, original],
        meaning=tuple(world.meanings[k] for k in original.tolist()),
    )
    return _noted(worded, with_meanings=copies)


def noisy_verifier(
    world: World, *, false_positive: float = 0.0, false_negative: float = 0.0
) -> World:
    """Add a verifier that accepts some wrong answers and rejects some correct ones.

        P(accepted) = (1 - false_negative) p + false_positive (1 - p)

    The success probabilities of the world do not change. A second verifier judges the verdicts of
    the first. Abstentions are not judged.

    Args:
        world: The world.
        false_positive: Probability that a wrong answer is accepted, in [0, 1].
        false_negative: Probability that a correct answer is rejected, in [0, 1].

    Raises:
        ValueError: If a rate lies outside [0, 1].

    Example:
        >>> world = World(np.array([[0.5, 0.0]]))
        >>> noisy_verifier(world, false_positive=0.2).paid_probability.tolist()
        [[0.6, 0.2]]
    """
    _require_unit("false_positive", false_positive)
    _require_unit("false_negative", false_negative)
    if not (false_positive or false_negative):
        return world
    verdict = accepted_probability(world.paid_probability, false_positive, false_negative)
    return judged(world, verdict, noisy_verifier=[false_positive, false_negative])


def accepted_probability(p: Floats, false_positive: ArrayLike, false_negative: ArrayLike) -> Floats:
    """The probability that a verifier that errs accepts, from that of a correct answer.

        P(accepted) = (1 - b) p + a (1 - p) = a + (1 - a - b) p

    Args:
        p: Success probabilities.
        false_positive: a, the probability that a wrong answer is accepted; numbers broadcast.
        false_negative: b, the probability that a correct answer is rejected.

    Example:
        >>> accepted_probability(np.array([0.0, 0.5, 1.0]), 0.25, 0.5).tolist()
        [0.25, 0.375, 0.5]
    """
    a, b = np.asarray(false_positive), np.asarray(false_negative)
    return np.asarray((1 - b) * p + a * (1 - p))


def informedness(false_positive: float, false_negative: float) -> float:
    """J = 1 - a - b, how much likelier a verifier accepts a correct answer than a wrong one.

    It is rounded to 12 digits, so that it is 0 where a + b is 1.

    Source: Youden 1950.

    Args:
        false_positive: a, the probability that a wrong answer is accepted.
        false_negative: b, the probability that a correct answer is rejected.

    Example:
        >>> informedness(0.3, 0.7), informedness(0.2, 0.1)
        (0.0, 0.7)
    """
    return round(1 - false_positive - false_negative, 12) + 0.0  # not -0.0


def noisy_reward_model(world: World, spread: float, *, seed: int = 0) -> World:
    """Add a learned reward model, with a constant error for each question and answer.

        logit P(accepted) = logit p + spread * z,   z ~ N(0, 1) for each question and answer

    Training finds the answers that the model overrates (Goodhart's law; the winner's curse). An
    answer that is never correct is never accepted.

    Args:
        world: The world that the reward model judges.
        spread: Standard deviation of the error in log-odds, 0 or more.
        seed: Seed of the errors.

    Raises:
        ValueError: If `spread` is negative or not finite.

    Example:
        >>> from simulations.worlds import bank
        >>> judged = noisy_reward_model(bank(), 1.0)
        >>> judged.best_accuracy < judged.as_paid().best_accuracy
        True
    """
    if not 0 <= spread < np.inf:
        raise ValueError(f"`spread` must be a finite number and not negative, got {spread}")
    if not spread:
        return world
    odds = np.exp(
        spread * np.random.default_rng(seed).standard_normal(world.success_probability.shape)
    )
    p = world.paid_probability
    return judged(world, p * odds / (1 - p + p * odds), noisy_reward_model=[spread, seed])


def with_abstention(world: World, payoff: float) -> World:
    """Add the answer "I do not know", which is never correct but accepted with a given probability.

    The optimal expected reward of an abstention is V(payoff): `payoff` under the binary reward,
    its square under c - (q - c)^2. Under any safe reward abstaining is therefore optimal if no
    answer has a success probability above `payoff`, and the confidence stated with it is `payoff`.

    Args:
        world: The world, without an abstention.
        payoff: Probability that an abstention is accepted as correct, in [0, 1].

    Raises:
        ValueError: If `payoff` lies outside [0, 1], or the world already has an abstention.

    Example:
        >>> world = with_abstention(World(np.array([[0.5, 0.0]])), 0.3)
        >>> world.abstain, world.success_probability.tolist(), world.paid_probability.tolist()
        (2, [[0.5, 0.0, 0.0]], [[0.5, 0.0, 0.3]])
    """
    _require_unit("payoff", payoff)
    if world.abstain is not None:
        raise ValueError("the world has an abstention already")
    column = np.ones((world.questions, 1))
    meaning = None if world.meaning is None else (*world.meaning, max(world.meaning) + 1)
    more = replace(
        world,
        success_probability=np.c_[world.success_probability, 0 * column],
        meaning=meaning,
        paid=np.c_[world.paid_probability, payoff * column],
        abstain=world.answers,
    )
    return _noted(more, with_abstention=payoff)


def _truth(world: World, truth: Floats, **note: Any) -> World:
    if world.paid is not None:
        raise ValueError(
            f"`{next(iter(note))}` changes the success probabilities; apply it before the verifier"
            " or the abstention"
        )
    return _noted(replace(world, success_probability=truth), **note)


def judged(world: World, verdict: Floats, **note: Any) -> World:
    """The world with another table of P(accepted), except for an abstention.

    Args:
        world: The world.
        verdict: P(accepted) of each answer, (Q, K).
        note: The wrapper and its arguments, for the recipe.

    Example:
        >>> judged(World(np.array([[0.5, 0.0]])), np.array([[0.4, 0.1]])).paid_probability.tolist()
        [[0.4, 0.1]]
    """
    if world.abstain is not None:
        verdict = verdict.copy()
        verdict[:, world.abstain] = world.paid_probability[:, world.abstain]
    return _noted(replace(world, paid=verdict), **note)


def _noted(world: World, **note: Any) -> World:
    """Append the wrapper and its arguments to the recipe."""
    before = world.recipe.get("wrappers")
    return replace(
        world,
        recipe={**world.recipe, "wrappers": [*(before if isinstance(before, list) else []), note]},
    )


def _equal(a: Floats | None, b: Floats | None) -> bool:
    return a is b if a is None or b is None else np.array_equal(a, b)


def _require_finite(name: str, value: float) -> None:
    if not np.isfinite(value):
        raise ValueError(f"`{name}` must be a finite number, got {value}")


def _require_unit(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"`{name}` must lie in [0, 1], got {value}")
