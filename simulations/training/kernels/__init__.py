"""The code that numba compiles: random numbers, softmax, advantages, learners and exact counts."""

from simulations.training.kernels.chance import fill, increment_from, normal, split_stream, uniform
from simulations.training.kernels.codes import UPDATES, codes, estimator_codes
from simulations.training.kernels.compiling import (
    FloatArray,
    IntArray,
    WordArray,
    compiled,
    inlined,
    part,
)
from simulations.training.kernels.counting import count_tabular, room_to_count
from simulations.training.kernels.coupled_kernel import (
    QUESTION_BLOCK,
    advance_coupled,
    count_coupled,
    deal,
    state,
)
from simulations.training.kernels.group_advantages import group_advantages
from simulations.training.kernels.side_by_side import advance_side_by_side, room_side_by_side
from simulations.training.kernels.softmax import (
    accumulate,
    buffers,
    fast_exponential,
    logarithm,
    pick,
    weigh,
)
from simulations.training.kernels.tabular_kernel import advance_tabular, room

__all__ = [
    "QUESTION_BLOCK",
    "UPDATES",
    "FloatArray",
    "IntArray",
    "WordArray",
    "accumulate",
    "advance_coupled",
    "advance_side_by_side",
    "advance_tabular",
    "buffers",
    "codes",
    "compiled",
    "count_coupled",
    "count_tabular",
    "deal",
    "estimator_codes",
    "fast_exponential",
    "fill",
    "group_advantages",
    "increment_from",
    "inlined",
    "logarithm",
    "normal",
    "part",
    "pick",
    "room",
    "room_side_by_side",
    "room_to_count",
    "split_stream",
    "state",
    "uniform",
    "weigh",
]
