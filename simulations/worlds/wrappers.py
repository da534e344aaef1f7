"""Wrappers: from a world to a world, one imperfection each; where nothing changes they give back the world itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from simulations.worlds.banks import fallen
from simulations.worlds.world import FloatArray, World


def competence_shift(world: World, by: float) -> World:
    """Every candidate becomes harder, and nothing that an agent sees tells: log-odds fall by `by`.

        logit p' = logit p - by

    Shifts add up: by a and then by b is by a + b.

    Raises:
        ValueError: If `by` is not finite or the world's verifier errs already.

    Example:
        >>> home = World(np.array([[0.5, 0.0]]))
        >>> competence_shift(home, np.log(3.0)).success_probability.round(12).tolist()
        [[0.25, 0.0]]
    """
    _require_finite("by", by)
    return (
        _truth(world, fallen(world.success_probability, by), competence_shift=by) if by else world
    )


def covariate_shift(world: World, by: float, *, feature: int = 1) -> World:
    """Other questions are asked, and each is as hard as it was: p(c | x) stays, the distribution of x moves.

    The bank is resampled with weights exp(by * features[:, feature]), evenly spaced along their
    running sum, so that no luck enters. A normal feature of variance 1 moves by `by` standard
    deviations, up to what a finite bank allows.

    Args:
        world: With features: an agent that keeps a table of questions could not tell that they are
            others.
        by: How far; 0 keeps every question.
        feature: Which feature leans; number 1 is the difficulty of `feature_world`.

    Raises:
        ValueError: If `by` is not finite, the world has no features, or there is no such feature.
    """
    _require_finite("by", by)
    if world.features is None:
        raise ValueError(
            "a covariate shift needs a world with features; without, questions are only names"
        )
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
    """The truth is a distribution over answers: some annotators name any hopeful candidate at random.

        p'(y) = (1 - share) p(y) + share [p(y) > 0] / h,   h = number of candidates with p > 0

    What is right then depends on who is asked, and no agent can know; an honest confidence is p',
    not 0 or 1. For a truth that is itself a table of votes, hand `World` the shares of the votes.

    Raises:
        ValueError: If `share` lies outside [0, 1] or the world's verifier errs already.

    Example:
        >>> annotator_disagreement(World(np.array([[1.0, 0.5, 0.0]])), 0.5).success_probability.tolist()
        [[0.75, 0.5, 0.0]]
    """
    _require_unit("share", share)
    hopeful = world.success_probability > 0
    spread = hopeful / np.maximum(hopeful.sum(axis=1, keepdims=True), 1)
    mixed = (1 - share) * world.success_probability + share * spread
    return _truth(world, mixed, annotator_disagreement=share) if share else world


def drifted(world: World, towards: World, *, time: float) -> World:
    """The world on its way to another: p' = (1 - time) p + time p_towards.

    A truth that moves while training runs is a row of these: `Experiment(drifts_to=...)`.

    Args:
        world: At time 0.
        towards: At time 1; the same questions, answers and features.
        time: In [0, 1].

    Raises:
        ValueError: If `time` lies outside [0, 1], the worlds do not fit together, or a verifier
            errs already.

    Example:
        >>> home, away = World(np.array([[0.8, 0.0]])), World(np.array([[0.4, 0.0]]))
        >>> [drifted(home, away, time=t).success_probability.round(12)[0, 0].item() for t in (0, 0.5, 1)]
        [0.8, 0.6, 0.4]
    """
    _require_unit("time", time)
    same = world.success_probability.shape == towards.success_probability.shape
    if not same or not _equal(world.features, towards.features):
        raise ValueError("a world drifts towards one with the same questions, answers and features")
    if towards.paid is not None:
        raise ValueError("a world drifts towards a truth; apply the verifier afterwards")
    moved = (1 - time) * world.success_probability + time * towards.success_probability
    return _truth(world, moved, drifted=time, towards=towards.fingerprint) if time else world


def with_meanings(world: World, copies: int) -> World:
    """Every answer can be worded in `copies` ways: K answers become copies * K, in blocks of one meaning.

    Wordings of one meaning are equally probable to be right; `world.meanings` says which belong
    together.

    Raises:
        ValueError: If `copies` is below 1, or outcomes are "by_answer".

    Example:
        >>> worded = with_meanings(World(np.array([[0.5, 0.0]])), 2)
        >>> worded.meanings, worded.success_probability.tolist()
        ((0, 0, 1, 1), [[0.5, 0.5, 0.0, 0.0]])
    """
    if copies < 1:
        raise ValueError(f"`copies` must be at least 1, got {copies}")
    if world.abstain is not None:
        raise ValueError(
            "an abstention is worded in one way; apply `with_meanings` before `with_abstention`"
        )
    if copies == 1:
        return world
    said = np.repeat(np.arange(world.answers), copies)
    worded = replace(world, success_probability=world.success_probability[:, said],
                     paid=None if world.paid is None else world.paid[:, said],
                     meaning=tuple(world.meanings[k] for k in said.tolist()))  # fmt: skip
    return _noted(worded, with_meanings=copies)


def noisy_verifier(
    world: World, *, false_positive: float = 0.0, false_negative: float = 0.0
) -> World:
    """The verifier errs: it pays wrong answers at one rate and refuses right ones at another.

        paid p' = (1 - false_negative) p + false_positive (1 - p)

    The truth stays and is published beside it. A second verifier judges what the first one says.
    Abstentions are not judged.

    Raises:
        ValueError: If a rate lies outside [0, 1].

    Example:
        >>> noisy_verifier(World(np.array([[0.5, 0.0]])), false_positive=0.2).paid_probability.tolist()
        [[0.6, 0.2]]
    """
    _require_unit("false_positive", false_positive)
    _require_unit("false_negative", false_negative)
    if not (false_positive or false_negative):
        return world
    p = world.paid_probability
    verdict = (1 - false_negative) * p + false_positive * (1 - p)
    return _judged(world, verdict, noisy_verifier=[false_positive, false_negative])


def noisy_reward_model(world: World, spread: float, *, seed: int = 0) -> World:
    """A learned judge: it has an opinion of its own on every answer, and the same one each time.

        logit paid p' = logit p + spread * z,   z ~ N(0, 1) for each question and answer

    Training finds the answers that the judge overrates (Goodhart's law; the winner's curse). The
    hopeless candidate stays hopeless.

    Args:
        world: Whose truth the judge sees through its noise.
        spread: Standard deviation of the noise in log-odds, 0 or more.
        seed: Of the opinions.

    Raises:
        ValueError: If `spread` is negative or not finite.
    """
    if not 0 <= spread < np.inf:
        raise ValueError(f"`spread` must be a finite number and not negative, got {spread}")
    if not spread:
        return world
    odds = np.exp(
        spread * np.random.default_rng(seed).standard_normal(world.success_probability.shape)
    )
    p = world.paid_probability
    return _judged(world, p * odds / (1 - p + p * odds), noisy_reward_model=[spread, seed])


def with_abstention(world: World, payoff: float) -> World:
    """One more answer, "I do not know": never right, and paid like an honest answer with that chance.

    An abstention earns V(payoff), the value of the reward at a success probability of `payoff`:
    under the binary reward just `payoff`, under c - (q - c)^2 its square. So under any safe reward
    it is worth giving exactly where no candidate's p exceeds `payoff`, and the confidence stated
    with it is `payoff`.

    Raises:
        ValueError: If `payoff` lies outside [0, 1], or the world has an abstention already.

    Example:
        >>> cautious = with_abstention(World(np.array([[0.5, 0.0]])), 0.3)
        >>> cautious.abstain, cautious.success_probability.tolist(), cautious.paid_probability.tolist()
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


def _truth(world: World, truth: FloatArray, **note: Any) -> World:
    if world.paid is not None:
        raise ValueError(
            f"`{next(iter(note))}` changes what is true; apply it before the verifier or the"
            " abstention"
        )
    return _noted(replace(world, success_probability=truth), **note)


def _judged(world: World, verdict: FloatArray, **note: Any) -> World:
    if world.abstain is not None:
        verdict = verdict.copy()
        verdict[:, world.abstain] = world.paid_probability[:, world.abstain]
    return _noted(replace(world, paid=verdict), **note)


def _noted(world: World, **note: Any) -> World:
    """Write the wrapper into the recipe, after those that were there."""
    before = world.recipe.get("wrappers")
    return replace(
        world,
        recipe={**world.recipe, "wrappers": [*(before if isinstance(before, list) else []), note]},
    )


def _equal(a: FloatArray | None, b: FloatArray | None) -> bool:
    return a is b if a is None or b is None else np.array_equal(a, b)


def _require_finite(name: str, value: float) -> None:
    if not np.isfinite(value):
        raise ValueError(f"`{name}` must be a finite number, got {value}")


def _require_unit(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"`{name}` must lie in [0, 1], got {value}")
