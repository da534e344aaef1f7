"""Every named case has the verdict and the numbers of theory, in time, and a reason where it is undecided."""

from __future__ import annotations

import time

import pytest

from proofs.kernel.check import verify
from scoring_theory.optimality import Report, check
from tests.proofs.zoo import ZOO, Named


def verdicts(report: Report) -> str:
    return "".join(v.status[0] for v in (report.proper, report.strictly_proper, report.jointly_optimal))


@pytest.mark.parametrize("name", ZOO)
def test_named_case(name: str) -> None:
    case: Named = ZOO[name]
    start = time.process_time()
    report = check(case.formula, **case.parameters)
    assert time.process_time() - start < 5
    assert verdicts(report) == case.verdict
    told = {
        "margin": report.accuracy_margin, "weight": report.critical_weight,
    }  # fmt: skip
    for what, wanted in (("margin", case.margin), ("weight", case.weight)):
        if wanted is not None:
            found = told[what]
            assert found is not None
            assert found.exact == wanted
    if case.fails is not None:
        assert report.local_failure_below is not None
        assert report.global_failure_below is not None
        assert (report.local_failure_below.exact, report.global_failure_below.exact) == case.fails
    for certificate in report.certificates:
        verify(certificate)


def test_an_open_case_says_where() -> None:
    tangent = check(ZOO["w = 1 + e t log t, tangent"].formula).proper
    assert "near q = 0.36787944" in tangent.reason
    orders = ZOO["bets in either order"]
    reason = check(orders.formula, **orders.parameters).proper.reason
    assert reason.startswith("for q in (0, a) the formula changes its branch at q = b, which is inside or outside")
    curve = check("c - (q - c)^2 if log(1 + q) > q/2 + 1/4 else c - 2*(q - c)^2").proper
    assert curve.status == "refuted" or "the formula changes its branch where" in curve.reason
