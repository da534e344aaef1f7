"""A formula at one float: which number a float stands for, and the incomplete beta function."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betainc

from proofs.floats import beta_cdf, in_floats, stated
from proofs.kernel.formula import parse

SHAPES = [0.01, 0.1, 1 / 3, 0.5, 1, 4 / 3, 2, 7.5, 29, 31, 50, 300, 1e4, 1e6]


@pytest.mark.parametrize("a", SHAPES)
@pytest.mark.parametrize("b", SHAPES)
def test_beta_cdf_against_scipy(a: float, b: float) -> None:
    """On a grid, around the mean, and where the fraction is reflected; betainc itself loses digits
    for large shapes.
    """
    mean, deviation = a / (a + b), math.sqrt(a * b / (a + b) ** 2 / (a + b + 1))
    near = [min(max(mean + k * deviation, 0.0), 1.0) for k in (-3, -1, 0, 1, 3)]
    for x in [0.0, 1e-4, 0.1, 0.5, 0.77, 0.9999, 1.0, (a + 1) / (a + b + 2), *near]:
        assert beta_cdf(x, a, b) == pytest.approx(
            float(betainc(a, b, x)), abs=1e-13 if a + b < 9999 else 1e-10
        )


@pytest.mark.parametrize(
    ("x", "a", "b"), [(2.999988000048e-06, 2, 1e6), (0.0031, 30, 1e4), (0.2, 30, 90)]
)
def test_beta_cdf_of_large_shapes(x: float, a: float, b: float) -> None:
    with mpmath.workdps(40):
        true = float(mpmath.betainc(a, b, 0, mpmath.mpf(x), regularized=True))
    assert beta_cdf(x, a, b) == pytest.approx(true, abs=1e-15)


def test_beta_cdf_of_equal_shapes_is_a_half_in_the_middle() -> None:
    for a in (0.1, 1, 3, 77, 1e4, 1e6):
        assert beta_cdf(0.5, a, a) == pytest.approx(0.5, abs=1e-14)


def test_beta_cdf_ends_for_every_small_shape() -> None:
    """Where rounding puts both x and 1 - x above their means, a reflection of a reflection would
    never end.
    """
    shapes = sorted({n / d for d in (1, 2, 3, 7) for n in range(1, 12)})
    for a in shapes:
        for b in shapes:
            for x in ((a + 1) / (a + b + 2), a / (a + b)):
                assert 0 < beta_cdf(x, a, b) < 1


def test_beta_cdf_outside_its_domain() -> None:
    assert all(
        math.isnan(beta_cdf(*given))
        for given in [(-0.1, 1, 2), (1.1, 1, 2), (0.5, 0, 1), (0.5, 1, -1)]
    )


@given(st.integers(0, 10_000), st.sampled_from([10, 20, 100, 1000, 10_000]))
def test_a_grid_point_stands_for_its_decimal(n: int, steps: int) -> None:
    """However it was computed: as a quotient, as a multiple of a step, or read."""
    n %= steps + 1
    exact = Fraction(n, steps)
    assert {
        stated(n / steps),
        stated(n * (1 / steps)),
        stated(float(np.linspace(0, 1, steps + 1)[n])),
    } == {exact}
    assert stated(float(f"{n / steps:.4f}")) == exact


@given(st.decimals(0, 1, places=9))
def test_a_decimal_stands_for_itself(decimal: object) -> None:
    assert stated(float(str(decimal))) == Fraction(str(decimal))


@pytest.mark.parametrize(
    ("text", "q", "value"),
    [
        ("100*q > 7", 0.07, 0),
        ("100*q >= 29", 0.29, 1),
        ("1 - q <= 0.3", 0.7, 1),
        ("q*3 != 0.3*3", 0.3, 0),
        ("1/q > 1/0.07", 0.07, 0),
        ("q == 3/10", 0.1 + 0.2, 1),
        ("q >= 1/3", 1 / 3, 1),
        ("3*q >= 1", 1 / 3, 1),
        ("(q - 0.3)*1e12 > -1e-5", 0.3, 1),
        ("(q^2 - 0.09 == 0) + (q^2 > 0.09)/3 > 1/2", 0.3, 1),
        ("max(q, 1/4) - clip(q, 0, 1/5) == abs(q - 0.2)", 0.7, 1),
        ("q > 0.123456789", 0.123456789, 0),
    ],
)
def test_comparisons_are_exact(text: str, q: float, value: int) -> None:
    assert in_floats(parse(text))(q) == value
