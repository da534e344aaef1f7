"""Adam and plain gradient descent on vectors of parameters, with the gradient's norm clipped."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats32 = NDArray[np.float32]

_DECAYS = 0.9, 0.999
_EPSILON = 1e-8


class TransformerState(NamedTuple):
    """The state of the agent: all arrays that training changes.

    The first axis is the network: one, or one for answers and one for confidence.
    """

    parameters: Floats32  # (N, P)
    mean: Floats32  # (N, P), Adam's mean of gradients
    square: Floats32  # (N, P), Adam's mean of squared gradients
    updates: Floats32  # (1,), number of updates


def untrained(parameters: Floats32) -> TransformerState:
    """The state with these parameters, (N, P), before the first update.

    Example:
        >>> untrained(np.ones((1, 2), dtype=np.float32)).updates
        array([0.], dtype=float32)
    """
    zeros = np.zeros_like(parameters)
    return TransformerState(parameters, zeros, zeros.copy(), np.zeros(1, dtype=np.float32))


def climb_down(
    state: TransformerState,
    gradient: Floats32,
    rate: float,
    *,
    adam: bool = True,
    largest: float = 1.0,
) -> None:
    """One update of Adam (Kingma, Ba 2015) in place; the gradient's norm is at most `largest`.

    Args:
        state: The state.
        gradient: The gradient of the loss, (N, P); each network's is clipped for itself.
        rate: The learning rate.
        adam: If not, the update is the gradient times the rate (stochastic gradient descent).
        largest: The largest norm of a gradient.

    Example:
        >>> state = untrained(np.zeros((1, 2), dtype=np.float32))
        >>> climb_down(state, np.array([[3.0, -4.0]], dtype=np.float32), 0.1)
        >>> state.parameters.round(3).tolist()
        [[-0.10000000149011612, 0.10000000149011612]]
    """
    norm = np.sqrt((gradient.astype(np.float64) ** 2).sum(axis=1, keepdims=True))
    gradient = gradient * np.minimum(1.0, largest / np.maximum(norm, _EPSILON)).astype(np.float32)
    state.updates[0] += 1
    if not adam:
        state.parameters[...] -= np.float32(rate) * gradient
        return
    number = float(state.updates[0])
    for kept, new, decay in zip(
        (state.mean, state.square), (gradient, gradient**2), _DECAYS, strict=True
    ):
        kept *= np.float32(decay)
        kept += np.float32(1 - decay) * new
    first, second = (1 - decay**number for decay in _DECAYS)
    spread = np.sqrt(state.square / np.float32(second)) + np.float32(_EPSILON)
    state.parameters[...] -= np.float32(rate / first) * state.mean / spread
