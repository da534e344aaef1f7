"""The exact expected motion of the tabular agent: enumeration instead of sampling, and so the oracle of the simulation.

For a question x with answer probabilities pi_y and confidence probabilities pi_{q|y}, let U(y, q) be the expected
payoff, V(y) = sum_q pi_{q|y} U(y, q) and V = sum_y pi_y V(y). One visit moves the rows, in expectation, by
learning_rate times

    answer        s pi_y (V(y) - V)
    confidence    s pi_y pi_{q|y} (U(y, q) - V(y))

where the rows are logits (REINFORCE) or probabilities (replicator), and the factor s is 1 without baseline and with
leave-one-out, and 1 - 1/G with the mean of the group, since each rollout is then measured against itself as well. This
holds for all three outcome models: what rollouts share is independent of what each of them states. Division by the
group's standard deviation has no such form and is refused.

A reward that ignores confidence has U(y, q) = V(y): exactly no motion of any confidence head.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.integrate import solve_ivp

from simulations.agents.rational import expected_payoff
from simulations.agents.tabular import TabularState, probabilities

if TYPE_CHECKING:
    from simulations.training import Training, Update
    from simulations.training.kernels import FloatArray
    from simulations.worlds import World


def baseline_factor(training: Training) -> float:
    """What the estimator multiplies the expected policy gradient by: 1, or 1 - 1/G with the group's mean.

    Raises:
        ValueError: For "group_std", whose expected motion is not a multiple of the policy gradient.

    Example:
        >>> from simulations.training import Training
        >>> baseline_factor(Training(estimator="group_mean", group_size=8))
        0.875
    """
    if training.estimator == "group_std":
        raise ValueError('the estimator "group_std" has no mean-field factor: it changes the direction of the motion')
    return 1 - 1 / training.group_size if training.estimator == "group_mean" else 1.0


def drift(state: TabularState, truth: FloatArray, table: FloatArray, update: Update = "reinforce") -> TabularState:
    """The expected motion of every row in one visit of each question, for learning rate 1 and factor 1.

    Args:
        state: Rows of n questions: answers (n, K) and confidence (n, K, L).
        truth: Their success probabilities, (n, K).
        table: Payoffs (2, L); finite.
        update: What the rows are: logits ("reinforce") or probabilities ("replicator").

    Example:
        >>> truth, binary = np.array([[0.9, 0.0]]), np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
        >>> rows = TabularState(np.zeros((1, 2)), np.random.default_rng(0).normal(size=(1, 2, 3)))
        >>> moved = drift(rows, truth, binary)
        >>> moved.answer.round(3).tolist(), bool((moved.confidence == 0).all())
        ([[0.225, -0.225]], True)
    """
    pi = probabilities(*state) if update == "reinforce" else state
    payoff = expected_payoff(truth, table)
    surplus = payoff - payoff[..., :1]  # so that a reward without confidence gives zeros and no rounding
    surplus_mean = np.sum(pi.confidence * surplus, axis=-1)
    value = payoff[..., 0] + surplus_mean
    value = value - np.sum(pi.answer * value, axis=-1, keepdims=True)
    return TabularState(pi.answer * value, pi.answer[..., None] * pi.confidence * (surplus - surplus_mean[..., None]))


def recursion(
    start: TabularState, world: World, table: FloatArray, training: Training, *, steps: int, first: int = 0
) -> TabularState:
    """Follow the expected motion through the same visits as training: `batch` questions in turn, step by step.

    Args:
        start: The state before step number `first`; it is not changed.
        world: Whose truth counts.
        table: Payoffs (2, L).
        training: The learning rule.
        steps: How many steps.
        first: The number of the first of them.

    Returns:
        The state after the steps.
    """
    state = TabularState(*(rows.copy() for rows in start))
    rate = training.learning_rate * baseline_factor(training)
    for step in range(first, first + steps):
        visited = np.arange(step * training.batch, (step + 1) * training.batch) % world.questions
        rows = TabularState(state.answer[visited], state.confidence[visited])
        motion = drift(rows, world.success_probability[visited], table, training.update)
        state.answer[visited] += rate * motion.answer
        state.confidence[visited] += rate * motion.confidence
    return state


def flow(
    start: TabularState, world: World, table: FloatArray, times: FloatArray, *, update: Update = "reinforce"
) -> list[TabularState]:
    """The limit of small learning rates: the motion in continuous time, rows' = drift(rows).

    Time is learning_rate times factor times visits of a question: T steps of training are
    t = learning_rate * factor * T * batch / Q.

    Args:
        start: The state at time 0.
        world: Whose truth counts.
        table: Payoffs (2, L).
        times: When to look, ascending from 0 on, (T,).
        update: See `drift`.

    Returns:
        The state at each time (Runge-Kutta of order 5(4), relative tolerance 1e-8).

    Raises:
        RuntimeError: If the solver gives up.
    """
    shapes, cut = [rows.shape for rows in start], start.answer.size

    def unpack(flat: FloatArray) -> TabularState:
        return TabularState(flat[:cut].reshape(shapes[0]), flat[cut:].reshape(shapes[1]))

    def velocity(_: float, flat: FloatArray) -> FloatArray:
        return np.concatenate([d.ravel() for d in drift(unpack(flat), world.success_probability, table, update)])

    flat = np.concatenate([rows.ravel() for rows in start])
    found = solve_ivp(velocity, (0.0, float(times[-1])), flat, t_eval=times, rtol=1e-8, atol=1e-10)
    if not found.success:
        raise RuntimeError(f"the mean field could not be followed: {found.message}")
    return [unpack(column) for column in found.y.T]
