"""Twenty seconds of the adversary, and what must hold of it: seeds decide, runs are resumed, the
judge has teeth.
"""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path

import pytest
from mpmath import mp, mpf

from scoring_theory.checking import check
from tests.adversary.fuzz.targets import SEEDS, TARGETS
from tests.adversary.judge import Truth, false_claim, instances, report_fault
from tests.adversary.language import C, Payoff, Q, Reward, Span, call, name, text
from tests.adversary.mutants import FORGERIES
from tests.adversary.rewards import BRIER, FAMILIES, LOG, draw
from tests.adversary.run import (
    accepted,
    archive,
    faults,
    forgeries,
    judged,
    known,
    one_round,
    record,
    run,
    table,
)

HERE = Path(__file__).resolve().parent


def test_values_of_the_evaluator() -> None:
    """Against numbers worked out by hand."""
    half = Fraction(1, 2)
    with mp.workdps(40):
        assert Payoff(BRIER, 1, {})(half) == Fraction(-1, 4)
        assert Payoff(LOG, 1, {})(Fraction(0)) == -mp.inf
        assert Payoff(LOG, 0, {})(Fraction(0)) == 0  # c is 0 and removes log(0)
        assert Payoff(Q * (1 / Q), 1, {})(Fraction(0)) == 1  # a limit
        assert Payoff(Q ** Fraction(1, 10) + 3, 1, {}).limit(Fraction(0)) == pytest.approx(3)
        assert Payoff(1 / Q, 1, {}).limit(Fraction(0)) == mp.inf
        assert (
            Payoff(call("if", Q > 0, 5, 1 / Q), 0, {})(Fraction(0)) == mp.inf
        )  # on the branch taken at 0
        assert Payoff(call("sqrt", half) < Q, 1, {})(Fraction(3, 4)) == 1
    assert text(C - (half < Q) * name("lam")) == "(c - ((q > (1/2)) * lam))"


def test_every_family_is_a_tenth_of_what_is_drawn() -> None:
    drawn = [draw(random.Random(seed)).family for seed in range(1500)]
    for family in (*(family for family, *_ in FAMILIES), "free parameters"):
        assert drawn.count(family) > 120, family


WRONG = (
    (C + BRIER + Fraction(1, 10**9) * Q * C, "proper"),
    (C - call("abs", Q - C), "proper"),
    (C, "strictly proper"),
    (C + LOG, "jointly optimal"),
    (C + 2 * BRIER, "jointly optimal"),
    (C + BRIER * Fraction(1, 2), "jointly optimal nowhere"),
    (call("max", Q, Fraction(1, 3)) * 0 + C, "strictly proper"),
    (-C, "accuracy rewarded"),
    (BRIER * Fraction(1, 10**300) + Fraction(1, 10**310) * Q, "proper"),
    (
        (C - call("sqrt", Fraction(1, 2)) - Fraction(1, 10**6))
        * (call("sqrt", Fraction(1, 2)) < Q),
        "proper",
    ),
)


@pytest.mark.parametrize(("formula", "claim"), WRONG)
def test_the_judge_sees_what_is_false(formula: object, claim: str) -> None:
    assert isinstance(formula, type(C))
    assert false_claim(Reward("", formula, {}), {"claim": claim})


def test_a_refutation_at_2_to_the_minus_250_is_seen_and_a_false_one_too() -> None:
    """U(p, p) - U(0, 0) = p (23/25 - (1 - p) 4/625 ... + 4/625 log p), negative below 1e-63."""
    formula = C + Fraction(4, 625) * LOG + Fraction(2, 25) * call("abs", Q - Fraction(1, 2))
    for power, fine in ((250, True), (100, False)):
        numbers = {"p_low": "0", "q_low": "0", "p_high": f"1/{2**power}", "values": {}}
        told = false_claim(Reward("", formula, {}), {"claim": "not jointly optimal", **numbers})
        assert bool(told) != fine


def test_a_tie_that_cancels_inside_is_no_lie() -> None:
    """Below t = 3e-22 the payoff of a wrong answer is t + log(1 - t) = -5e-43, to 108 digits."""
    kept = call("max", Q, Fraction(1, 250_000_000) ** 2 * call("sqrt", Fraction(1, 250_000_000)))
    score = C * (kept - 1) + (1 - C) * (kept + call("log", 1 - kept))
    assert not false_claim(Reward("", 40 * C + score, {}, (kept,)), {"claim": "proper"})


def test_a_refutation_without_values_must_hold_for_all_of_them() -> None:
    kept = call("max", Q, name("t"))
    for low, fine in ((Fraction(1, 40), True), (Fraction(1, 200), False)):
        score = -((kept - C) ** 2)
        reward = Reward("", C + score, {"t": Span(low, Fraction(1, 4), False, True)})
        tie = {"claim": "not strictly proper", "p": "1/80", "q": "1/120", "values": {}}
        assert bool(false_claim(reward, tie)) != fine


def test_a_worse_answer_must_be_worse() -> None:
    numbers = {"p_low": "1/2", "p_high": "1/4", "q_low": "1/2"}
    assert false_claim(Reward("", C + BRIER, {}), {"claim": "accuracy not rewarded", **numbers})


def test_the_judge_tells_1_minus_1e_300_from_1() -> None:
    small = Reward("", Fraction(29, 4) * C + LOG * Fraction(1, 10**4), {})
    ends = {"local": ["0", "1e-300"], "global": ["0", "1e-300"]}
    assert not false_claim(small, {"claim": "failure thresholds", **ends})
    assert false_claim(small, {"claim": "failure thresholds", **ends, "local": ["1e-300", "1"]})
    assert false_claim(small, {"claim": "failure thresholds", **ends, "global": ["1e-300", "1"]})


def test_a_payoff_of_order_1_does_not_hide_a_threshold_below_1e_300() -> None:
    reflected = (1 - C) * call("beta_cdf", 1 - Q, Fraction(3, 2), Fraction(1, 2))
    beta = reflected - Fraction(3, 4) * call("beta_cdf", 1 - Q, Fraction(5, 2), Fraction(1, 2))
    one = Reward("", Fraction(14, 5) * C + beta / 1000 + LOG / 250, {})
    ends = {"local": ["0", "1e-300"], "global": ["0", "1e-300"]}
    assert not false_claim(one, {"claim": "failure thresholds", **ends})
    for kind in ends:
        wrong = {**ends, kind: ["1e-300", "1/2"]}
        assert false_claim(one, {"claim": "failure thresholds", **wrong})


def test_a_slow_logarithm_behind_a_fast_power_is_no_limit() -> None:
    """3e35 q^(2/7) is gone before 1e-200; then log(q) is seen, unless its coefficient is tiny."""
    power = 3 * Fraction(10) ** 35 * Q ** Fraction(2, 7)
    with mp.workdps(60):
        slow = Payoff(4 + power + Fraction(7, 10**4) * call("log", Q), 1, {})
        assert slow.limit(Fraction(0)) == -mp.inf
        hidden = Payoff(4 + Q ** Fraction(1, 10) + Fraction(1, 10**300) * call("log", Q), 1, {})
        assert mp.isfinite(hidden.limit(Fraction(0)))
        assert hidden.unsure == mp.inf
        sure = Payoff(4 + Q * call("log", Q), 1, {})
        assert sure.limit(Fraction(0)) == pytest.approx(4)
        assert sure.unsure < mpf(10) ** -330


@pytest.mark.parametrize(
    ("formula", "claim"),
    [
        (C + BRIER, "strictly proper"),
        (C + BRIER, "jointly optimal"),
        (LOG, "strictly proper"),
        (C, "proper"),
    ],
)
def test_the_judge_leaves_what_is_true(formula: object, claim: str) -> None:
    assert isinstance(formula, type(C))
    assert not false_claim(Reward("", formula, {}), {"claim": claim})


def test_the_judge_sees_figures_that_are_wrong() -> None:
    two = Reward("", C + 2 * BRIER, {})
    assert not report_fault(two, check(two.text))
    for other in ("c - 3*(q - c)^2", "c - (q - c)^2 - c/2", "2*c - 4*(q - c)^2"):
        assert report_fault(two, check(other))


def test_values_of_parameters_are_tried_at_both_ends() -> None:
    lam = Reward("", C + name("lam") * BRIER, {"lam": Span(Fraction(0), Fraction(1), True, False)})
    assert lam.parameters == {"lam": "0 < lam <= 1"}
    tried = [truth.values["lam"] for truth in instances(lam)]
    assert 1 in tried
    assert 0 not in tried
    assert min(tried) < Fraction(1, 10**6)
    assert isinstance(instances(lam)[0], Truth)


@pytest.mark.slow
def test_a_run_is_resumed_and_its_seeds_decide(tmp_path: Path) -> None:
    state = tmp_path / "state.jsonl"
    first = run(range(3), state, jobs=1)
    state.write_text(state.read_text()[:-5])  # killed while it wrote
    assert len(known(state)) == 2
    again = run(range(4), state, jobs=1)
    for before, after in zip(first, again, strict=False):
        assert {k: v for k, v in before.items() if k != "seconds"} == {
            k: v for k, v in after.items() if k != "seconds"
        }
    assert len(known(state)) == 4


def test_no_forgery_is_accepted() -> None:
    """Here only what is accepted is judged."""
    assert len(FORGERIES) >= 112
    passed = [one for one in FORGERIES if accepted(one.certificate)]
    assert not [one for one in passed if judged(one) != "accepted, true"]
    assert judged(FORGERIES[0]) == "rejected, false"


@pytest.mark.slow
def test_every_forgery_is_judged_and_the_archive_is_accepted() -> None:
    found = forgeries()
    assert found["false accepted"] == found["faults"] == 0
    archived = archive()
    assert archived["certificates"] == archived["accepted"] >= 150


@pytest.mark.parametrize("target", TARGETS)
def test_targets_of_the_fuzzer_take_their_seeds(target: str) -> None:
    for seed in SEEDS[target]:
        for data in (seed, seed[:-1], seed[1:], seed * 2, seed.replace(b"0", b"\0")):
            TARGETS[target](data)


def test_the_record_holds_no_fault_and_stands_in_the_documents() -> None:
    found = json.loads((HERE / "record.json").read_text())
    assert faults(found) == 0
    assert table(found) in (HERE.parents[1] / "docs" / "reliability.md").read_text()


@pytest.mark.slow
def test_twenty_seconds_of_rounds() -> None:
    rounds = [one_round(seed) for seed in range(3_000_000, 3_000_120)]
    found = record(rounds)
    assert faults(found) == 0, [
        one for one in rounds if {"fault", "crash", "certificate"} & set(one)
    ]
