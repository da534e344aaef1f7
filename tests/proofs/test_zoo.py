"""Every named case has the verdict and the numbers of theory, in little work, and a reason where it
is undecided.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import mpmath
import pytest
from mpmath import mpf

from proofs.kernel.formula import parse
from proofs.kernel.verifier import MAX_WORK, verify
from scoring_theory.checking import Report, check
from tests.support.brute_force import Truth, evaluate
from tests.support.effort import within
from tests.support.zoo import ZOO


def verdicts(report: Report) -> str:
    return "".join(
        v.status[0] for v in (report.proper, report.strictly_proper, report.jointly_optimal)
    )


@cache
def checked(name: str) -> Report:
    return check(ZOO[name].formula, parameters=ZOO[name].parameters)


@pytest.mark.parametrize("name", ZOO)
def test_named_case(name: str) -> None:
    assert within(MAX_WORK // 2, lambda: checked(name))
    case, report = ZOO[name], checked(name)
    assert verdicts(report) == case.verdict
    for wanted, found in (
        (case.margin, report.accuracy_margin),
        (case.weight, report.critical_weight),
    ):
        if wanted is not None:
            assert found is not None
            assert found.exact == wanted
    if case.fails is not None:
        assert report.local_failure_below is not None
        assert report.global_failure_below is not None
        assert (report.local_failure_below.exact, report.global_failure_below.exact) == case.fails
    for certificate in report.certificates:
        verify(certificate)


@pytest.mark.parametrize("name", [name for name, case in ZOO.items() if case.fails])
def test_failure_thresholds_of_the_named_cases_are_roots(name: str) -> None:
    """The numbers of the zoo by mpmath's findroot on D and on V - V(0), to 50 digits, without the
    kernel's algebra.
    """
    case = ZOO[name]
    assert case.fails is not None
    truth = Truth(case.formula, case.parameters)

    def paid(p: mpf, correct: int) -> mpf:
        at = {**truth.values, "q": p}
        return evaluate(truth.payoffs[correct], at, at)

    def slope(p: mpf) -> mpf:
        return paid(p, 1) - paid(p, 0)

    def regained(p: mpf) -> mpf:
        return p * paid(p, 1) + (1 - p) * paid(p, 0) - truth.payoff(Fraction(0), 0)

    with mpmath.workdps(50):
        for gain, text in ((slope, case.fails[0]), (regained, case.fails[1])):
            told = evaluate(parse(text), {}, {})
            root = mpmath.findroot(gain, (told / 2, (told + 1) / 2), solver="anderson")
            assert abs(root - told) < mpf(10) ** -16


def test_an_open_case_says_where() -> None:
    tangent = checked("w = 1 + e t log t, tangent").proper
    assert "near q = 0.36787944" in tangent.reason
    reason = checked("bets in either order").proper.reason
    assert reason.startswith(
        "for q in (0, a) the formula changes its branch at q = b, which is inside or outside"
    )


@pytest.mark.parametrize(("least", "status"), [("1/8", "refuted"), ("1/4", "proved")])
def test_a_choice_that_changes_where_no_root_is_exact_is_decided_if_it_is_monotone(
    least: str, status: str
) -> None:
    """By hand: log(1 + q) - q/2 rises to 0.193 on [0, 1]; it passes 1/8 and never reaches 1/4."""
    found = check(f"c - (q - c)^2 if log(1 + q) > q/2 + {least} else c - 2*(q - c)^2").proper
    assert found.status == status
