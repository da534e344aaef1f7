"""Optimal policies in closed form: best responses and KL-regularised optima.

    U(x, y, q) = p f(q) + (1 - p) g(q),   p = success_probability[x, y],   0 * (-inf) = 0
    best response        argmax over (y, q) of U(x, y, q)
    tempered optimum     pi(y, q | x) proportional to pi0(y, q | x) exp(U(x, y, q) / beta)

The tempered optimum maximises E[R] - beta KL(pi || pi0), the objective of training with a KL
penalty, for any prior `pi0`.

Source: `docs/theory.md`, Theorem 38; Korbak, Perez, Buckley 2022, arXiv 2205.11275 (the optimum as
    a posterior).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulations.agents.tabular import TabularState
from simulations.policies import softmax

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray
    from simulations.worlds import World


def expected_payoff(truth: FloatArray, table: FloatArray) -> FloatArray:
    """The expected payoff of every answer and level.

        U = p table[1] + (1 - p) table[0],   0 * (-inf) = 0

    Args:
        truth: Success probabilities, any shape S, in [0, 1].
        table: Payoffs (2, L) of wrong and of correct answers.

    Returns:
        Shape S + (L,).

    Example:
        >>> table = np.array([[0.0, -np.inf], [-np.inf, 0.0]])
        >>> expected_payoff(np.array([0.0, 0.5]), table).tolist()
        [[0.0, -inf], [-inf, -inf]]
    """
    p = np.asarray(truth, dtype=np.float64)[..., None]
    with np.errstate(invalid="ignore"):  # 0 * (-inf), replaced at once
        return np.where(p > 0, p * table[1], 0.0) + np.where(p < 1, (1 - p) * table[0], 0.0)


class Rational:
    """Optimal policies, as tables of probabilities.

    `Tabular.count(..., update="replicator")` measures them. In the example, the best response to a
    hard question under c - 2 (q - c)^2 is a deliberately wrong answer.

    Example:
        >>> from simulations.worlds import World
        >>> levels = np.array([0.0, 0.5, 1.0])
        >>> double_brier = np.stack([-2 * levels**2, 1 - 2 * (1 - levels) ** 2])
        >>> hard = World(np.array([[0.4, 0.0]]))
        >>> Rational.best_response(hard, double_brier).answer.tolist()
        [[0.0, 1.0]]
    """

    @staticmethod
    def best_response(world: World, table: FloatArray) -> TabularState:
        """The answer and level with the highest expected payoff; of equal ones, the first.

        Args:
            world: The questions and their success probabilities.
            table: Payoffs (2, L).
        """
        payoff = expected_payoff(world.success_probability, table)
        answer, confidence = np.zeros(payoff.shape[:2]), np.zeros(payoff.shape)
        answer[np.arange(world.questions), payoff.max(axis=2).argmax(axis=1)] = 1.0
        np.put_along_axis(confidence, payoff.argmax(axis=2)[..., None], 1.0, axis=2)
        return TabularState(answer, confidence)

    @staticmethod
    def tempered(
        world: World, table: FloatArray, prior: TabularState, *, beta: float
    ) -> TabularState:
        """The optimum of E[R] - beta KL(pi || prior).

        Args:
            world: The questions and their success probabilities.
            table: Payoffs (2, L); a level whose payoff can be -inf has probability 0.
            prior: Probabilities of the prior; where they are 0, the optimum is 0.
            beta: Coefficient of the KL penalty, positive.

        Raises:
            ValueError: If `beta` is not positive.
        """
        if not beta > 0:
            raise ValueError(f"`beta` must be positive, got {beta}")
        with np.errstate(divide="ignore"):
            joint = np.log(prior.answer)[..., None] + np.log(prior.confidence)
        joint = joint + expected_payoff(world.success_probability, table) / beta
        heads = np.exp(joint - joint.max(axis=2, keepdims=True))
        value = joint.max(axis=2) + np.log(heads.sum(axis=2))
        return TabularState(softmax(value), heads / heads.sum(axis=2, keepdims=True))
