"""Sampling the outcomes of groups of rollouts in NumPy, as a reference for the compiled kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulations.worlds.world import World

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from scoring_theory.expression.numeric import Floats


def draw_outcomes(
    world: World,
    questions: ArrayLike,
    answers: ArrayLike,
    rng: np.random.Generator,
    *,
    paid: bool = False,
) -> Floats:
    """Sample the outcomes of one group of rollouts for each of n questions.

    Each rollout is correct with the success probability of its answer. A rollout is correct if a
    uniform number is below this probability. Within a group each rollout has its own number
    ("independent"), each answer has one ("by_answer"), or all rollouts share one ("shared").
    Answers with the same meaning have the same probability, so under "shared" they are correct or
    wrong together.

    Args:
        world: The success probabilities and the outcome model.
        questions: Numbers of the questions, (n,).
        answers: Numbers of the answers, (n, G).
        rng: The random generator.
        paid: Sample whether the verifier accepts an answer instead of whether it is correct.

    Returns:
        1 for correct and 0 for wrong, (n, G).

    Raises:
        ValueError: If a question or answer does not exist, or the shapes do not match.

    Example:
        >>> world, rng = World(np.array([[0.5, 0.0]]), outcomes="shared"), np.random.default_rng(0)
        >>> correct = draw_outcomes(world, [0, 0], [[0, 0, 1], [0, 0, 1]], rng)
        >>> bool((correct[:, 0] == correct[:, 1]).all()), correct[:, 2].tolist()
        (True, [0.0, 0.0])
    """
    x, y = np.asarray(questions), np.asarray(answers)
    if x.ndim != 1 or y.ndim != 2 or len(x) != len(y):
        raise ValueError(
            f"`questions` must have shape (n,) and `answers` (n, G), got {x.shape} and {y.shape}"
        )
    for name, values, size in (("questions", x, world.questions), ("answers", y, world.answers)):
        if values.dtype.kind not in "iu" or (
            values.size and not (values.min() >= 0 and values.max() < size)
        ):
            raise ValueError(f"`{name}` must be whole numbers from 0 to {size - 1}")
    p = (world.paid_probability if paid else world.success_probability)[x[:, None], y]
    if world.outcomes == "independent":
        uniform = rng.random(y.shape)
    elif world.outcomes == "shared":
        uniform = rng.random((len(x), 1))
    else:
        uniform = np.take_along_axis(rng.random((len(x), world.answers)), y, axis=1)
    return np.asarray(uniform < p, dtype=np.float64)
