"""Graded scores: where the values of two answers cross."""

from __future__ import annotations

import numpy as np

from simulations.laboratory.soft_verifier import boundary, reward_of_scores


def test_the_boundary_of_graded_scores_is_where_values_cross() -> None:
    edge = boundary()
    for weight, sign in ((edge - 0.01, 1), (edge + 0.01, -1)):
        sure, even = reward_of_scores(weight, affine=False).max(axis=1)
        assert np.sign(even - sure) == sign
        sure, even = reward_of_scores(weight, affine=True).max(axis=1)
        assert even > sure
