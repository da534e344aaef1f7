"""A number of the policy in training: many runs beside the mean field, as finding and as panel."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from simulations.laboratory.system import Finding, Panel, mean_and_error

if TYPE_CHECKING:
    from simulations.policies import StatedPolicy
    from simulations.signals.training import Trained
    from simulations.training.kernels import FloatArray

Asked = Callable[["StatedPolicy"], "FloatArray"]
"""From the policy of R runs to one number for each run, (R,)."""


def along(trained: Trained, of: Asked) -> FloatArray:
    """A number of each run at each checkpoint, (T, R)."""
    return np.array([of(policy) for policy in trained.policies])


def compared(
    label: str,
    trained: Trained,
    limit: Trained,
    of: Asked,
    *,
    bias: float,
    title: str,
    y_label: str,
    change: bool = True,
) -> tuple[Finding, Panel]:
    """A number at the end of training, or its change, over runs and along the mean field.

    Args:
        label: what is measured.
        trained: the training of many runs.
        limit: its mean field, with the same checkpoints.
        of: the number.
        bias: how far a finite step size may move the mean.
        title: the title of the panel.
        y_label: the quantity on its vertical axis.
        change: whether the change since the start is measured, and not the value at the end.
    """
    runs, exact = along(trained, of), along(limit, of)[:, 0]
    first, start = (runs[0], exact[0]) if change else (0.0, 0.0)
    mean, error = mean_and_error(runs[-1] - first)
    x = trained.steps.astype(np.float64)
    curves = {"mean of runs": runs.mean(axis=1), "exact": exact}
    return (
        Finding(label, mean, error, float(exact[-1] - start), bias),
        Panel(title, "Training step", y_label, x, curves),
    )
