"""Where training leads from fitted knobs, by the exact expected update, and what could be known.

A row before training says nothing about how accurate the agent can become and how well anybody
could tell its right answers from its wrong ones. `with_prospects` takes both from two more numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq, least_squares

from scoring_theory.catalogue import binary
from scoring_theory.catalogue.coercion import as_reward
from scoring_theory.display import one_line
from simulations.agents.coupled import CoupledState
from simulations.fitting.knobs import RANGES, Knobs
from simulations.fitting.rows import StatedAnswers, stated_answers
from simulations.meanfield import coupled_recursion
from simulations.training import LearningRule
from simulations.worlds import competence_shift

if TYPE_CHECKING:
    from scoring_theory.reward import Reward
    from simulations.training.kernels import FloatArray

_STEPS = 300
_RATE = 0.5
"""Steps of training, and the learning rate: doubling the steps changes no accuracy by .01."""
FARTHEST = 8.0
"""The largest shift that `hidden_shift` looks for."""


def trained(knobs: Knobs, reward: Reward | str, *, steps: int = _STEPS) -> CoupledState:
    """The agent after training in its world, by its expected updates (`coupled_recursion`).

    Args:
        knobs: of the agent and its world.
        reward: a reward without free parameters, finite on the grid.
        steps: of training, with a group mean of 8 rollouts and the learning rate `_RATE`.

    Example:
        Under the binary reward the constant of confidence does not move:

        >>> knobs = Knobs(questions=64)
        >>> before, after = knobs.start(), trained(knobs, "binary", steps=20)
        >>> bool(after.head[0] == before.head[0]), bool(after.weights.std() > before.weights.std())
        (True, True)
    """
    world, table = knobs.world(), as_reward(reward).table(knobs.agent.grid)
    agent = knobs.agent
    if (table == table[:, :1]).all():
        # Confidence is not paid and does not move, so that two levels are as good as all.
        agent, table = replace(agent, levels=2), table[:, :2]
    rule = LearningRule(batch=world.questions, learning_rate=_RATE)
    return coupled_recursion(agent, knobs.start(), world, table, rule, steps=steps)


def knowable_auroc(knobs: Knobs, state: CoupledState) -> float:
    """The AUROC of the best forecast of correctness from what the agent observes and answers.

    It is E[c | features, answer]: the success probability, averaged over the hidden difficulty.

    Example:
        >>> hidden, seen = (Knobs(visible_difficulty=v, questions=64) for v in (0.0, 1.0))
        >>> knowable_auroc(hidden, hidden.start()) < knowable_auroc(seen, seen.start())
        True
    """
    world = knobs.world()
    truth = world.success_probability.ravel()
    answer = knobs.agent.policy(state, world).answer.ravel() / world.questions
    order = np.argsort(truth, kind="stable")
    known, mass = truth[order], answer[order]
    found = StatedAnswers(known, mass, known * mass).row().auroc
    return np.nan if found is None else found


@dataclass(frozen=True)
class Prospects:
    """Knobs whose world reaches two numbers of trained agents.

    Attributes:
        knobs: with the headroom, the visible difficulty and the head start that reach them.
        final_accuracy: reached by training with the binary reward.
        knowable_auroc: of the agent after that training.
    """

    knobs: Knobs
    final_accuracy: float
    knowable_auroc: float

    __repr__ = one_line


def with_prospects(
    knobs: Knobs, *, accuracy: float, final_accuracy: float, knowable_auroc_after: float
) -> Prospects:
    """Find headroom and visible difficulty from two numbers, at an accuracy before training.

    Args:
        knobs: the other knobs.
        accuracy: before training; the head start is fitted to it.
        final_accuracy: after training with the binary reward.
        knowable_auroc_after: of the best forecast of what is right after that training.

    Returns:
        The knobs that come closest, and what they reach.

    Raises:
        ValueError: If a number does not lie in (0, 1).

    Example:
        >>> found = with_prospects(
        ...     Knobs(questions=64), accuracy=0.4, final_accuracy=0.6, knowable_auroc_after=0.7
        ... )
        >>> round(found.final_accuracy, 3), round(found.knowable_auroc, 3)
        (0.6, 0.7)
    """
    for name, value in (
        ("accuracy", accuracy),
        ("final_accuracy", final_accuracy),
        ("knowable_auroc_after", knowable_auroc_after),
    ):
        if not 0 < value < 1:
            raise ValueError(f"`{name}` must lie between 0 and 1, got {value}")

    def tried(headroom: float, visible: float) -> Prospects:
        world = replace(knobs, headroom=float(headroom), visible_difficulty=float(visible))
        ready = replace(world, head_start=head_start_for(world, accuracy))
        end = trained(ready, binary)
        reached = stated_answers(ready.agent, end, ready.world()).row().accuracy
        return Prospects(ready, reached or 0.0, knowable_auroc(ready, end))

    def apart(values: FloatArray) -> FloatArray:
        one = tried(*values)
        return np.array(
            [one.final_accuracy - final_accuracy, one.knowable_auroc - knowable_auroc_after]
        )

    names = ("headroom", "visible_difficulty")
    low, high = (np.array([RANGES[name][end] for name in names]) for end in (0, 1))
    x0 = np.array([1.0, 0.5])
    end = least_squares(
        apart, x0, bounds=(low, high), diff_step=np.full(2, 1e-3), xtol=1e-6, max_nfev=40
    )
    return tried(*end.x)


def head_start_for(knobs: Knobs, accuracy: float) -> float:
    """The head start with which an agent has this accuracy, or the end of its range next to it.

    Example:
        >>> knobs = Knobs(questions=64, headroom=1.0)
        >>> ready = replace(knobs, head_start=head_start_for(knobs, 0.4))
        >>> round(stated_answers(ready.agent, ready.start(), ready.world()).row().accuracy, 6)
        0.4
    """

    def beyond(logarithm: float) -> float:
        tried = replace(knobs, head_start=float(np.exp(logarithm)))
        policy = tried.agent.policy(tried.start(), tried.world())
        return float(policy.accuracy(tried.world().success_probability)[0]) - accuracy

    low, high = (float(np.log(end)) for end in RANGES["head_start"])
    if beyond(low) >= 0:
        return float(np.exp(low))
    if beyond(high) <= 0:
        return float(np.exp(high))
    return float(np.exp(brentq(beyond, low, high, xtol=1e-9)))


def hidden_shift(knobs: Knobs, state: CoupledState, accuracy: float) -> float:
    """How much harder questions must be, unseen by the agent, for this accuracy.

    It is the shift of `competence_shift`, negative where questions are easier; or the end of the
    range next to it.

    Example:
        >>> knobs = Knobs(questions=64)
        >>> state = knobs.start()
        >>> here = stated_answers(knobs.agent, state, knobs.world()).row().accuracy
        >>> round(hidden_shift(knobs, state, here), 6), hidden_shift(knobs, state, 0.05) > 1
        (0.0, True)
    """
    world = knobs.world()
    policy = replace(knobs.agent, levels=2).policy(state, world)

    def beyond(by: float) -> float:
        moved = competence_shift(world, by).success_probability
        return float(policy.accuracy(moved)[0]) - accuracy

    if beyond(-FARTHEST) <= 0:
        return -FARTHEST
    if beyond(FARTHEST) >= 0:
        return FARTHEST
    return float(brentq(beyond, -FARTHEST, FARTHEST, xtol=1e-9))
