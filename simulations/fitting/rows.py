"""The row of a results table: what it says, and how far chance moves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulations.metrics import measure

if TYPE_CHECKING:
    from simulations.agents import Coupled, CoupledState
    from simulations.training.kernels import FloatArray
    from simulations.worlds import World

_BINS = 10
"""Bins of the ECE, as in RLCR's results."""


class TableRow(NamedTuple):
    """The numbers of one row of a results table; None where the table does not say.

    Example:
        >>> TableRow(accuracy=0.397, mean_confidence=0.932, auroc=0.540, brier=0.525).ece is None
        True
    """

    accuracy: float | None = None
    mean_confidence: float | None = None
    auroc: float | None = None
    brier: float | None = None
    ece: float | None = None


class StatedAnswers(NamedTuple):
    """How often each level is stated, and stated by a correct answer, (L,) each."""

    grid: FloatArray
    mass: FloatArray
    hits: FloatArray

    def row(self) -> TableRow:
        """The row of infinitely many answers, exactly.

        Example:
            >>> import numpy as np
            >>> from simulations.fitting import StatedAnswers
            >>> grid = np.array([0.5, 1.0])
            >>> StatedAnswers(grid, np.array([0.4, 0.6]), np.array([0.2, 0.3])).row().brier
            0.4
        """
        found = measure(self.grid, self.mass, self.hits, bins=_BINS)
        return TableRow(*(round(float(found[name]), 12) for name in TableRow._fields))

    def sampled(self, n: int, *, samples: int = 2000, seed: int = 0) -> dict[str, FloatArray]:
        """The rows of `samples` test sets with n answers each, by column.

        Args:
            n: answers of a test set, 1 or more.
            samples: test sets.
            seed: of the random numbers.

        Example:
            >>> import numpy as np
            >>> from simulations.fitting import StatedAnswers
            >>> honest = StatedAnswers(np.array([0.5]), np.array([1.0]), np.array([0.5]))
            >>> float(np.median(honest.sampled(100)["ece"])) > honest.row().ece
            True
        """
        cells = np.concatenate([self.hits, self.mass - self.hits]).clip(min=0)
        drawn = np.random.default_rng(seed).multinomial(n, cells / cells.sum(), size=samples)
        right, wrong = drawn[:, : self.grid.size] / n, drawn[:, self.grid.size :] / n
        found = measure(self.grid, right + wrong, right, bins=_BINS)
        return {name: found[name] for name in TableRow._fields}


def stated_answers(agent: Coupled, state: CoupledState, world: World) -> StatedAnswers:
    """What an agent states in a world, by enumeration.

    Example:
        >>> from simulations.fitting import Knobs
        >>> knobs = Knobs()
        >>> row = stated_answers(knobs.agent, knobs.start(), knobs.world()).row()
        >>> 0 < row.accuracy < row.auroc < 1
        True
    """
    count = agent.count(state, (world,))
    return StatedAnswers(agent.grid, count.mass[0], count.hits[0])
