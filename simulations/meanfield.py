"""The mean fields of the tabular and the coupled agent: exact expected updates, by enumeration.

The simulations are tested against them. First the tabular agent. In expectation, one visit of a
question changes the rows by learning_rate times the policy gradient of an *effective payoff*
W(y, q) = E[A | the rollout chose y and q], which `effective_payoff` computes for every estimator
and outcome model. With answer probabilities pi_y, confidence probabilities pi_{q|y},
W(y) = sum_q pi_{q|y} W(y, q) and W = sum_y pi_y W(y), the expected change is

    answer        pi_y (W(y) - W)                       natural: W(y) - W
    confidence    pi_y pi_{q|y} (W(y, q) - W(y))        natural: W(y, q) - W(y)

The rows are logits, or probabilities for the replicator. Without a baseline, W(y, q) is the
expected payoff U(y, q). With the group mean as baseline it is (1 - 1/G) (U(y, q) - E[U]), since
the mean contains the rollout itself. A KL penalty and an entropy bonus add
kl log prior - (kl + entropy) log pi.

Under a reward that ignores confidence, U(y, q) does not depend on q, so no confidence head moves.

The limit of the motion can differ from the state after some thousand steps. Because of the factor
pi_{q|y} the logit of a rare level changes slowly, so policy gradient stays for long at the level
that first holds nearly all probability. With shared outcomes and division by the standard deviation
of the group, |W(deviant) - W(resident)| is the same number c for every rare deviant. If n levels
with total share a lose and one level with share b wins, the time is of order a^n / (c b^(n+1))
visits: for p = .3 and a prior near .8 no training is long enough to reach the only equilibrium, 0.
The natural gradient does not have this factor and reaches the limit soon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.integrate import solve_ivp
from scipy.special import ndtr

from scoring_theory.advantage import ESTIMATORS, Baseline
from simulations.agents.coupled import CoupledState, level_cuts
from simulations.agents.rational import expected_payoff
from simulations.agents.tabular import TabularState, policy_probabilities
from simulations.policies import softmax
from simulations.training import effective_payoff as effective

if TYPE_CHECKING:
    from simulations.agents import Coupled
    from simulations.training import LearningRule, Update
    from simulations.training.kernels import FloatArray
    from simulations.worlds import World


def baseline_factor(training: LearningRule) -> float:
    """The factor by which the estimator multiplies the expected policy gradient.

    It is 1 without a baseline and with a leave-one-out baseline, 1 - 1/G with the group mean, and
    1 - 1/(B G) with the mean of a batch of B groups.

    Args:
        training: The learning rule.

    Raises:
        ValueError: If the estimator divides by a standard deviation: its expected update is not a
            constant times the policy gradient.

    Example:
        >>> from simulations.training import LearningRule
        >>> baseline_factor(LearningRule(estimator="group_mean", group_size=8))
        0.875
    """
    if training.divides:
        raise ValueError(
            f'the estimator "{training.estimator}" has no mean-field factor: it changes the'
            " direction of the expected update"
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
    """The expected update of every row in one visit of each question.

    It is for learning rate 1 and without the factor of the estimator, see `baseline_factor`.

    Args:
        state: Rows of n questions: answers (n, K) and confidence (n, K, L).
        truth: Their success probabilities, (n, K).
        table: Payoffs (2, L); finite.
        update: The update rule; the rows are probabilities for "replicator", else logits.

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
    """The expected update of the rows of the visited questions in one step, for learning rate 1.

    Args:
        state: Rows of all questions, (Q, K) and (Q, K, L).
        world: The success probabilities and the outcome model.
        table: Payoffs (2, L), or (C, 2, L) of components.
        training: The learning rule.
        prior: Logits of the policy that the KL penalty is measured from.
        visited: Numbers of the questions of the batch; by default all questions.

    Raises:
        ValueError: If the rule has several epochs, since the update is then not the expectation of
            one gradient; or if there are too many groups to enumerate.

    Example:
        >>> from simulations.training import LearningRule
        >>> from simulations.worlds import World
        >>> rows = TabularState(np.zeros((1, 2)), np.zeros((1, 2, 3)))
        >>> binary = np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
        >>> rule = LearningRule(estimator="leave_one_out", batch=1)
        >>> motion(rows, World(np.array([[0.9, 0.0]])), binary, rule).answer.round(3).tolist()
        [[0.225, -0.225]]
    """
    if training.epochs > 1:
        raise ValueError(f"the mean field needs `epochs` 1 in each step, got {training.epochs}")
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
            raise ValueError(
                "a `kl` penalty needs the `prior` that the divergence is measured from"
            )
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
    """The mean field in discrete time: apply the expected update to the same batches as training.

    Args:
        start: The state before step number `first`, and the prior of the KL penalty; it is not
            changed.
        world: The success probabilities and the outcome model.
        table: Payoffs (2, L), or (C, 2, L) of components.
        training: The learning rule.
        steps: Number of steps.
        first: Number of the first step, from 0.

    Returns:
        The state after the steps.

    Example:
        >>> from simulations.agents import Tabular
        >>> from simulations.training import LearningRule
        >>> from simulations.worlds import World
        >>> world, agent = World(np.array([[0.9, 0.0]])), Tabular(noise=0.0)
        >>> start = agent.start(world, np.random.default_rng(0))
        >>> binary, rule = np.repeat([[0.0], [1.0]], 11, axis=1), LearningRule(batch=1)
        >>> end = recursion(start, world, binary, rule, steps=100)
        >>> bool((end.confidence == start.confidence).all()), bool(end.answer[0, 0] > 2)
        (True, True)
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
    """The mean field in continuous time, the limit of small learning rates: rows' = drift(rows).

    Training for n steps takes the time t = learning_rate * factor * n * batch / Q, where `factor`
    is the `baseline_factor`. With `training`, the factor is part of the motion, and t does not
    contain it.

    Args:
        start: The state at time 0.
        world: The success probabilities and the outcome model.
        table: Payoffs (2, L).
        times: Times of the result, ascending, 0 or more, (T,).
        update: See `drift`; used only without `training`.
        training: If given, follow `motion` with this rule, with all questions in one batch.

    Returns:
        The state at each time (Runge-Kutta of order 5(4), relative tolerance 1e-8).

    Raises:
        RuntimeError: If the solver fails.

    Example:
        >>> from simulations.worlds import World
        >>> rows = TabularState(np.zeros((1, 2)), np.zeros((1, 2, 3)))
        >>> binary = np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
        >>> states = flow(rows, World(np.array([[0.9, 0.0]])), binary, np.array([0.0, 1.0, 20.0]))
        >>> [round(float(policy_probabilities(*state).answer[0, 0]), 2) for state in states]
        [0.5, 0.61, 0.97]
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
    end = float(times[-1])
    solution = solve_ivp(velocity, (0.0, end), flat, t_eval=times, rtol=1e-8, atol=1e-10)
    if not solution.success:
        raise RuntimeError(f"the mean field could not be integrated: {solution.message}")
    return [unpack(column) for column in solution.y.T]


def coupled_motion(
    agent: Coupled,
    state: CoupledState,
    world: World,
    table: FloatArray,
    training: LearningRule,
) -> CoupledState:
    """The expected update of the coupled agent in one step over all questions, for learning rate 1.

    With mean logit m_y = b logit(pi_y) + phi . u and noise s e, e standard normal, level l is
    stated if e lies between two numbers a_l < a_(l+1). So P(l | y) is a difference of the normal
    distribution function, and E[e; l | y] = n(a_l) - n(a_(l+1)) with the normal density n. With
    f_y = E[R | y], V = sum_y pi_y f_y and g_y = E[R e | y] / s, the expected changes are, in the
    mean over questions and times the factor of the estimator (`baseline_factor`),

        weights   phi pi_y (f_y - V), times `answer_speed`
        slope     sum_y pi_y g_y logit(pi_y)
        head      phi sum_y pi_y g_y

    Args:
        agent: The agent; its coupling decides whether the slope moves.
        state: Answer weights (d, K), slope (1,) and head (d,).
        world: Success probabilities (Q, K) and features (Q, d).
        table: Payoffs (2, L) at the levels of the agent; finite.
        training: The learning rule; one batch is all questions.

    Raises:
        ValueError: If the estimator divides by a standard deviation (`baseline_factor`), or the
            world has no features.

    Example:
        >>> from simulations.agents import Coupled
        >>> from simulations.training import LearningRule
        >>> from simulations.worlds import World
        >>> world = World(np.array([[0.9, 0.0]]), features=np.ones((1, 1)))
        >>> agent = Coupled(weight_noise=0.0, levels=11)
        >>> start = agent.start(world, np.random.default_rng(0))
        >>> binary = np.repeat([[0.0], [1.0]], 11, axis=1)
        >>> moved = coupled_motion(agent, start, world, binary, LearningRule(batch=1))
        >>> bool(moved.weights[0, 0] > 0), bool(abs(moved.head[0]) < 1e-12)
        (True, True)
    """
    if world.features is None:
        raise ValueError("the mean field of the coupled agent needs a world with features")
    phi, truth, levels = world.features, world.success_probability, agent.levels
    pi = softmax(np.einsum("xi,ik->xk", phi, state.weights))
    log_odds = np.log(pi / (1 - pi))
    mean = state.slope[0] * log_odds + np.einsum("xi,i->x", phi, state.head)[:, None]
    edges = (level_cuts(levels) - mean[..., None]) / agent.exploration
    ends = (*pi.shape, 1)
    below = np.concatenate([np.zeros(ends), ndtr(edges), np.ones(ends)], axis=-1)
    density = np.exp(-(edges**2) / 2) / np.sqrt(2 * np.pi)
    density = np.concatenate([np.zeros(ends), density, np.zeros(ends)], axis=-1)
    paid = table[0] + truth[..., None] * (table[1] - table[0])
    earned = np.sum(np.diff(below) * paid, axis=-1)
    turn = pi * np.sum(-np.diff(density) * paid, axis=-1) / agent.exploration
    value = np.sum(pi * earned, axis=1, keepdims=True)
    share = baseline_factor(training) / world.questions
    return CoupledState(
        agent.answer_speed * share * np.einsum("xi,xk->ik", phi, pi * (earned - value)),
        np.array([share * np.sum(turn * log_odds) if agent.coupling else 0.0]),
        share * np.einsum("xi,xk->i", phi, turn),
    )


def coupled_recursion(
    agent: Coupled,
    start: CoupledState,
    world: World,
    table: FloatArray,
    training: LearningRule,
    *,
    steps: int,
) -> CoupledState:
    """The state of the coupled agent after some steps of its expected update; see `coupled_motion`.

    Example:
        >>> from simulations.agents import Coupled
        >>> from simulations.training import LearningRule
        >>> from simulations.worlds import World
        >>> world = World(np.array([[0.6, 0.0]]), features=np.ones((1, 1)))
        >>> agent = Coupled(constant=0.0, weight_noise=0.0, levels=101)
        >>> start = agent.start(world, np.random.default_rng(0))
        >>> binary = np.repeat([[0.0], [1.0]], 101, axis=1)
        >>> rule = LearningRule(batch=1, learning_rate=0.1)
        >>> end = coupled_recursion(agent, start, world, binary, rule, steps=200)
        >>> stated = [agent.count(state, (world,)).mass[0] @ agent.grid for state in (start, end)]
        >>> bool(stated[0] < 0.7), bool(stated[1] > 0.9)
        (True, True)
    """
    state = CoupledState(*(part.copy() for part in start))
    for _ in range(steps):
        for part, moved in zip(
            state, coupled_motion(agent, state, world, table, training), strict=True
        ):
            part += training.learning_rate * moved
    return state


def _policy(state: TabularState, update: Update) -> TabularState:
    return state if update == "replicator" else policy_probabilities(*state)


def _log_joint(logits: TabularState) -> FloatArray:
    answer, confidence = (z - z.max(axis=-1, keepdims=True) for z in logits)
    answer, confidence = (
        z - np.log(np.exp(z).sum(axis=-1, keepdims=True)) for z in (answer, confidence)
    )
    return np.asarray(answer[..., None] + confidence)


def _climb(pi: TabularState, payoff: FloatArray, update: Update) -> TabularState:
    """The expected policy gradient of an effective payoff.

    Payoffs are measured from that of the first level: a reward that ignores confidence then gives
    zeros exactly, without rounding errors.
    """
    surplus = payoff - payoff[..., :1]
    surplus_mean = np.sum(pi.confidence * surplus, axis=-1)
    value = payoff[..., 0] + surplus_mean
    value = value - np.sum(pi.answer * value, axis=-1, keepdims=True)
    better = surplus - surplus_mean[..., None]
    if update == "natural":
        return TabularState(value, better)
    return TabularState(pi.answer * value, pi.answer[..., None] * pi.confidence * better)
