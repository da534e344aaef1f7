"""Smooth calibration error: a kernel in place of bins, whose width is the error itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import dct
from scipy.optimize import brentq

from scoring_theory.calibration.confidence_intervals import refuse_bootstrap
from scoring_theory.calibration.forecasts import Forecasts, takes_arrays

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


GRID_CELLS = 1 << 14
"""Cells of the grid on [0, 1].

Each residual is divided between the two grid points next to it, which increases the kernel's s^2 by
at most cell^2 / 4; the result changes by about 1e-9 / s.
"""
NARROWEST_KERNEL = 1e-6
"""Smallest width; a fixed point below it is not searched for."""


@takes_arrays
def smooth_calibration_error(forecasts: Forecasts, *, width: float | None = None) -> float:
    """The smooth calibration error, which needs no bins; smaller is better.

    smECE_s = integral over t in [0, 1] of |E[(q - c) K_s(t, q)]|, at the width s = smECE_s.

    K_s is the Gaussian kernel of standard deviation s reflected at 0 and 1, which is the heat
    kernel of [0, 1] with reflecting ends at time s^2 / 2. In the cosine basis it multiplies the
    k-th coefficient of the residuals by exp(-(pi k s)^2 / 2), so that one cosine transform of the
    gridded residuals is enough for all widths. smECE_s decreases in s, so the fixed point is
    unique.

    Source: Błasiok and Nakkiran 2023, Smooth ECE, arXiv 2309.12236.

    Args:
        forecasts: The rows.
        width: The kernel's standard deviation, positive and finite; None means the fixed point.

    Returns:
        A number in [0, 1] that agrees with direct quadrature to 1e-6. The authors' package differs
        from the definition by up to 2 %: it truncates the kernel and reflects it once.

    Raises:
        ValueError: If `width` is not positive and finite.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> always_wrong = Forecasts(correct=[0, 0], confidence=[1.0, 1.0])
        >>> round(smooth_calibration_error(always_wrong), 6)
        1.0
    """
    refuse_bootstrap(
        "the smooth calibration error", "use `calibration_error_interval` of the binned one"
    )
    return smooth_error_of(residual_grid(forecasts), float(forecasts.weight.sum()), width=width)


def residual_grid(forecasts: Forecasts) -> NDArray[np.float64]:
    """(GRID_CELLS + 1,) each residual w (q - c), divided between the two grid points next to q.

    The grid of all rows is the sum of the grids of its parts.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> grid = residual_grid(Forecasts(correct=[1, 0], confidence=[1.0, 0.5]))
        >>> np.flatnonzero(grid).tolist() == [GRID_CELLS // 2], grid.sum()
        (True, np.float64(0.5))
    """
    grid = np.zeros(GRID_CELLS + 1)
    for q, residual in _residuals(forecasts):
        place = q * GRID_CELLS
        cell = np.minimum(place.astype(np.int64), GRID_CELLS - 1)
        right = (place - cell) * residual
        grid[:-1] += np.bincount(cell, weights=residual - right, minlength=GRID_CELLS)
        grid[1:] += np.bincount(cell, weights=right, minlength=GRID_CELLS)
    return grid


def _residuals(forecasts: Forecasts) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Blocks of q and w (q - c); if few values are stated, each with the sum of its residuals."""
    if (few := forecasts.few_levels) is not None:
        yield few.value, few.weight * few.value - few.correct
        return
    for q, c, w in forecasts.blocks():
        yield q, q - c if forecasts.unweighted else w * (q - c)


def smooth_error_of(
    grid: NDArray[np.float64], total: float, *, width: float | None = None
) -> float:
    """The smooth calibration error from a `residual_grid` of rows with the weight `total`.

    Raises:
        ValueError: If `width` is not positive and finite.
    """
    if width is not None and not 0 < width < np.inf:
        raise ValueError(f"`width` must be positive and finite, got {width!r}")
    masses = grid / total
    masses[1:-1] /= 2  # the transform counts inner points twice
    coefficients = dct(masses, type=1)
    if width is not None:
        return _error(coefficients, width)
    if _error(coefficients, 1.0) >= 1.0:  # every row is certain and wrong, at the same end
        return 1.0
    if _error(coefficients, NARROWEST_KERNEL) <= NARROWEST_KERNEL:
        return _error(coefficients, NARROWEST_KERNEL)
    return float(brentq(lambda s: _error(coefficients, s) - s, NARROWEST_KERNEL, 1.0, xtol=1e-10))


def _error(coefficients: NDArray[np.float64], width: float) -> float:
    """Integral of |density| over [0, 1] by the trapezoidal rule on the grid."""
    damped = coefficients * np.exp(-0.5 * (np.pi * width * np.arange(GRID_CELLS + 1)) ** 2)
    damped[-1] *= 2  # the transform halves the last term
    density = np.abs(dct(damped, type=1))
    return float((density.sum() - (density[0] + density[-1]) / 2) / GRID_CELLS)
