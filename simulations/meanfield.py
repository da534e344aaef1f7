"""The exact expected motion of the tabular agent: enumeration instead of sampling, and so the oracle of the simulation.

One visit of a question moves the rows, in expectation, by learning_rate times the policy gradient
of an *effective payoff* W(y, q) = E[A | the rollout chose y and q], which `effective_payoff`
computes for every estimator and outcome model. With the answer probabilities pi_y, the confidence
probabilities pi_{q|y}, W(y) = sum_q pi_{q|y} W(y, q) and W = sum_y pi_y W(y), that is

    answer        pi_y (W(y) - W)                       natural: W(y) - W
    confidence    pi_y pi_{q|y} (W(y, q) - W(y))        natural: W(y, q) - W(y)

where the rows are logits, or probabilities (replicator). Without baseline W is the expected payoff
U; with the mean of the group it is (1 - 1/G) (U - V), since each rollout is then measured against
itself as well. A price on KL and a bonus for entropy add kl log prior - (kl + entropy) log pi.

A reward that ignores confidence has U(y, q) = V(y): exactly no motion of any confidence head.

Where the motion ends and where it is after some thousand steps may differ. The factor pi_{q|y}
makes a rare level's logit move slowly, so policy gradient waits at whichever level first holds
nearly everything. With shared outcomes and the group's standard deviation every rare deviant has
the same |W(deviant) - W(resident)| = c, and with n levels of total share A on the losing side and
one of share b on the winning side the wait is of order A^n / (c b^(n+1)) visits: for p = .3 and a
prior near .8, no training is long enough to arrive at the only stable level, 0. The natural
gradient has no such factor and no such wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.integrate import solve_ivp

from scoring_theory.advantage import ESTIMATORS, Baseline
from simulations.agents.rational import expected_payoff
from simulations.agents.tabular import TabularState, policy_probabilities
from simulations.training import effective_payoff as effective

if TYPE_CHECKING:
    from simulations.training import LearningRule, Update
    from simulations.training.kernels import FloatArray
    from simulations.worlds import World


def baseline_factor(training: LearningRule) -> float:
    """What the estimator multiplies the expected policy gradient by: 1, or 1 - 1/G with the group's mean.

    With the mean of a batch of B groups it is 1 - 1/(B G).

    Raises:
        ValueError: For estimators that divide, whose expected motion is not a constant times the
            policy gradient.

    Example:
        >>> from simulations.training import LearningRule
        >>> baseline_factor(LearningRule(estimator="group_mean", group_size=8))
        0.875
    """
    if training.divides:
        raise ValueError(
            f'the estimator "{training.estimator}" has no mean-field factor: it changes the'
            " direction of the motion"
        )
    group = training.group_size
    factors: dict[Baseline, float] = {
        "none": 1.0,
        "leave_one_out": 1.0,
        "group_mean": 1 - 1 / group,
        "batch_mean": 1 - 1 / (group * training.batch),
    }
    return factors[ESTIMATORS[training.estimator].baseline]


def drift(
    state: TabularState, truth: FloatArray, table: FloatArray, update: Update = "reinforce"
) -> TabularState:
    """The expected motion of every row in one visit of each question, for learning rate 1 and factor 1.

    Args:
        state: Rows of n questions: answers (n, K) and confidence (n, K, L).
        truth: Their success probabilities, (n, K).
        table: Payoffs (2, L); finite.
        update: What the rows are: logits, or probabilities ("replicator").

    Example:
        >>> truth, binary = np.array([[0.9, 0.0]]), np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
        >>> rows = TabularState(np.zeros((1, 2)), np.random.default_rng(0).normal(size=(1, 2, 3)))
        >>> moved = drift(rows, truth, binary)
        >>> moved.answer.round(3).tolist(), bool((moved.confidence == 0).all())
        ([[0.225, -0.225]], True)
    """
    return _climb(_policy(state, update), expected_payoff(truth, table), update)


def motion(
    state: TabularState,
    world: World,
    table: FloatArray,
    training: LearningRule,
    *,
    prior: TabularState | None = None,
    visited: np.ndarray[tuple[int], np.dtype[np.intp]] | None = None,
) -> TabularState:
    """The expected motion of the visited questions' rows in one step, for learning rate 1.

    Args:
        state: Rows of all questions, (Q, K) and (Q, K, L).
        world: Whose truth and outcome model count.
        table: Payoffs (2, L), or (C, 2, L) of components.
        training: The learning rule.
        prior: Logits that a price on KL is measured from.
        visited: The questions of the batch; by default all of them.

    Raises:
        ValueError: For several epochs, whose motion within a step is no expectation of one
            gradient; or if groups are too many to enumerate.
    """
    if training.epochs > 1:
        raise ValueError(f"the mean field follows one epoch for each step, got {training.epochs}")
    seen = np.arange(world.questions) if visited is None else visited
    rows = TabularState(state.answer[seen], state.confidence[seen])
    pi = _policy(rows, training.update)
    tables, shares = training.components(table)
    payoff = effective.effective_payoff(
        pi.answer,
        pi.confidence,
        world.success_probability[seen],
        tables,
        shares,
        training,
        world.outcomes,
    )
    if training.kl > 0 or training.entropy > 0:
        before = rows if prior is None else TabularState(prior.answer[seen], prior.confidence[seen])
        if training.kl > 0 and prior is None:
            raise ValueError("a price on KL needs the `prior` that the divergence is from")
        payoff = (
            payoff
            + training.kl * _log_joint(before)
            - (training.kl + training.entropy) * _log_joint(rows)
        )
    return _climb(pi, payoff, training.update)


def recursion(
    start: TabularState,
    world: World,
    table: FloatArray,
    training: LearningRule,
    *,
    steps: int,
    first: int = 0,
) -> TabularState:
    """Follow the expected motion through the same visits as training: `batch` questions in turn, step by step.

    Args:
        start: The state before step number `first`, and the prior of a price on KL; it is not
            changed.
        world: Whose truth counts.
        table: Payoffs (2, L), or (C, 2, L) of components.
        training: The learning rule.
        steps: How many steps.
        first: The number of the first of them.

    Returns:
        The state after the steps.
    """
    state = TabularState(*(rows.copy() for rows in start))
    for step in range(first, first + steps):
        visited = np.arange(step * training.batch, (step + 1) * training.batch) % world.questions
        moved = motion(state, world, table, training, prior=start, visited=visited)
        state.answer[visited] += training.learning_rate * moved.answer
        state.confidence[visited] += training.learning_rate * moved.confidence
    return state


def flow(
    start: TabularState,
    world: World,
    table: FloatArray,
    times: FloatArray,
    *,
    update: Update = "reinforce",
    training: LearningRule | None = None,
) -> list[TabularState]:
    """The limit of small learning rates: the motion in continuous time, rows' = drift(rows).

    Time is learning_rate times factor times visits of a question: T steps of training are t =
    learning_rate * factor * T * batch / Q; with `training`, the factor is part of the motion, and t
    has none.

    Args:
        start: The state at time 0.
        world: Whose truth counts.
        table: Payoffs (2, L).
        times: When to look, ascending from 0 on, (T,).
        update: See `drift`; only without `training`.
        training: Follow this rule's own motion, see `motion`, all questions being one batch.

    Returns:
        The state at each time (Runge-Kutta of order 5(4), relative tolerance 1e-8).

    Raises:
        RuntimeError: If the solver gives up.
    """
    shapes, cut = [rows.shape for rows in start], start.answer.size

    def unpack(flat: FloatArray) -> TabularState:
        return TabularState(flat[:cut].reshape(shapes[0]), flat[cut:].reshape(shapes[1]))

    def velocity(_: float, flat: FloatArray) -> FloatArray:
        if training is None:
            moved = drift(unpack(flat), world.success_probability, table, update)
        else:
            moved = motion(unpack(flat), world, table, training, prior=start)
        return np.concatenate([rows.ravel() for rows in moved])

    flat = np.concatenate([rows.ravel() for rows in start])
    found = solve_ivp(velocity, (0.0, float(times[-1])), flat, t_eval=times, rtol=1e-8, atol=1e-10)
    if not found.success:
        raise RuntimeError(f"the mean field could not be followed: {found.message}")
    return [unpack(column) for column in found.y.T]


def _policy(state: TabularState, update: Update) -> TabularState:
    return state if update == "replicator" else policy_probabilities(*state)


def _log_joint(logits: TabularState) -> FloatArray:
    answer, confidence = (z - z.max(axis=-1, keepdims=True) for z in logits)
    answer, confidence = (
        z - np.log(np.exp(z).sum(axis=-1, keepdims=True)) for z in (answer, confidence)
    )
    return np.asarray(answer[..., None] + confidence)


def _climb(pi: TabularState, payoff: FloatArray, update: Update) -> TabularState:
    surplus = (
        payoff - payoff[..., :1]
    )  # so that a reward without confidence gives zeros and no rounding
    surplus_mean = np.sum(pi.confidence * surplus, axis=-1)
    value = payoff[..., 0] + surplus_mean
    value = value - np.sum(pi.answer * value, axis=-1, keepdims=True)
    better = surplus - surplus_mean[..., None]
    if update == "natural":
        return TabularState(value, better)
    return TabularState(pi.answer * value, pi.answer[..., None] * pi.confidence * better)
