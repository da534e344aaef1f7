"""Best of N: what is exact, by enumeration."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_theory import rlcr
from simulations.laboratory.selection import chance_to_be_kept, kept


@given(st.lists(st.floats(0.01, 1), min_size=11, max_size=11), st.integers(1, 3))
def test_the_chance_to_be_kept_is_that_of_all_groups(weights: list[float], size: int) -> None:
    """Enumeration over the levels and outcomes of the other rollouts, for one own rollout."""
    levels, p = np.array(weights) / sum(weights), 0.7
    paid = rlcr.table(np.arange(11) / 10)
    own = paid[1, 7]
    rivals = [(paid[c, k], (p if c else 1 - p) * levels[k]) for c in (0, 1) for k in range(11)]
    total = 0.0
    for others in product(rivals, repeat=size - 1):
        group = np.array([own, *(r for r, _ in others)])
        total += kept(group)[0] * np.prod([x for _, x in others])
    assert chance_to_be_kept(levels, p, size)[1, 7] == pytest.approx(total)
