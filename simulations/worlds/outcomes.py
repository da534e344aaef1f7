"""Drawing verdicts on the host: the reference for what the kernels deal out, and the source for group signals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulations.worlds.world import FloatArray, World

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def draw_outcomes(
    world: World,
    questions: ArrayLike,
    answers: ArrayLike,
    rng: np.random.Generator,
    *,
    paid: bool = False,
) -> FloatArray:
    """The verdicts on one group of rollouts for each of n questions, under the world's outcome model.

    Each rollout alone is right with its answer's probability. What one group has in common: nothing
    ("independent"), one number for each answer ("by_answer"), or one for all of it ("shared").
    Answers of one meaning are equally probable, so under "shared" they are right or wrong together.

    Args:
        world: Whose truth counts.
        questions: Whole numbers, (n,).
        answers: Whole numbers, (n, G).
        rng: Source of randomness.
        paid: Draw what the verifier pays instead of what is true.

    Returns:
        1 correct, 0 wrong, (n, G).

    Raises:
        ValueError: If a question or answer does not exist, or shapes disagree.

    Example:
        >>> world = World(np.array([[0.5, 0.0]]), outcomes="shared")
        >>> verdicts = draw_outcomes(world, [0, 0], [[0, 0, 1], [0, 0, 1]], np.random.default_rng(0))
        >>> bool((verdicts[:, 0] == verdicts[:, 1]).all()), verdicts[:, 2].tolist()
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
        fate = rng.random(y.shape)
    elif world.outcomes == "shared":
        fate = rng.random((len(x), 1))
    else:
        fate = np.take_along_axis(rng.random((len(x), world.answers)), y, axis=1)
    return np.asarray(fate < p, dtype=np.float64)
