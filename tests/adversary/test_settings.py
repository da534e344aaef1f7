"""Random rewards in each setting against what is found by trying, and the judge's own teeth."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

from scoring_theory.checking.setting import Property, Setting
from scoring_theory.verdict import Verdict
from tests.adversary.language import C, Q, Reward, Span, Tree, call
from tests.adversary.rewards import BRIER, LOG, by_outcome
from tests.adversary.settings import (
    NO_FIGURES,
    RECORD,
    errors_fault,
    graded_fault,
    grid_fault,
    one_round,
    table,
)

PROVED = Verdict("proved", "")


def outcomes(kind: str, drawn: str, seeds: Iterable[int]) -> Counter[str]:
    """How often each status was given; any fault fails."""
    found: Counter[str] = Counter()
    for seed in seeds:
        done = one_round(kind, drawn, seed)
        assert not {"fault", "crash"} & done.keys(), done
        found.update(done["verdicts"].values())
        found.update({f"forgeries {how}": n for how, n in done.get("forged", {}).items()})
    assert found["forgeries tried"] > found["forgeries accepted"] > 0
    return found


def test_the_record_holds_no_fault_and_stands_in_the_documents() -> None:
    record = json.loads(RECORD.read_text())
    for counts in record.values():
        assert counts["faults"] == counts["false"] == 0
        assert counts["undecided"] < 0.02 * counts["rounds"]
        assert counts["tried"] > counts["accepted"] > 0
    page = Path(__file__).parents[2] / "docs" / "reliability.md"
    assert table(record) in page.read_text(encoding="utf-8")


@pytest.mark.slow
def test_random_rewards_for_graded_scores() -> None:
    found = outcomes("graded", "simple", range(9))
    assert found["proved"] > 4
    assert found["refuted"] > 4
    assert found["undecided"] <= 1


@pytest.mark.slow
def test_random_rewards_under_verifier_errors() -> None:
    found = outcomes("errors", "simple", range(20))
    assert found["proved"] > 2
    assert found["refuted"] > 2
    assert found["undecided"] <= 1


def test_random_rewards_on_a_grid() -> None:
    found = outcomes("grid", "simple", range(10))
    assert found["proved"] > 4
    assert found["refuted"] > 4
    assert found["undecided"] <= 1


@pytest.mark.slow
def test_random_rewards_with_abstention() -> None:
    found = outcomes("abstention", "simple", range(15))
    assert found["proved"] > 8
    assert found["undecided"] <= 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["graded", "errors", "grid", "abstention"])
def test_more_rewards_in_a_setting(kind: str) -> None:
    found = outcomes(kind, "simple", range(1000, 1150))
    assert found["undecided"] < 0.02 * (found["proved"] + found["refuted"])
    found = outcomes(kind, "wide", range(2500, 2600))
    assert found["undecided"] < 0.05 * (found["proved"] + found["refuted"])


@pytest.mark.parametrize(
    ("formula", "name"),
    [
        (C + BRIER, "jointly optimal"),
        (by_outcome(2 * Q - Q**2, -(Q**2)) + Q * C * (1 - C), "proper"),
        (C, "strictly proper"),
        (C + 2 * by_outcome(2 * Q - Q**2 - 1, -(Q**2)), "jointly optimal"),
    ],
)
def test_the_judge_of_graded_scores_sees_what_is_false(formula: Tree, name: Property) -> None:
    claimed = Setting("graded scores", {name: PROVED})
    assert graded_fault(Reward("", formula, {}), claimed, None, Random(1))


TENTHS = [Fraction(k, 10) for k in range(11)]


@pytest.mark.parametrize(
    ("formula", "name"),
    [
        (C - call("abs", Q - C), "proper"),
        (C, "strictly proper"),
        (C + 2 * BRIER, "jointly optimal"),
        (C + LOG * Fraction(1, 10), "jointly optimal"),
    ],
)
def test_the_judge_of_grids_sees_what_is_false(formula: Tree, name: Property) -> None:
    claimed = Setting("a grid", {name: PROVED}, data=NO_FIGURES)
    assert grid_fault(Reward("", formula, {}), claimed, TENTHS, Random(1))


@pytest.mark.parametrize(
    ("formula", "rates", "by_answer"),
    [
        (C + 2 * BRIER, ("1/10", "0"), False),
        (C, ("3/5", "3/5"), False),
        (C, ("1/10", "1/10"), True),
    ],
)
def test_the_judge_of_verifier_errors_sees_what_is_false(
    formula: Tree, rates: tuple[str, str], by_answer: bool
) -> None:
    claimed = Setting("errors", {"jointly optimal": PROVED}, data=NO_FIGURES)
    low = [Fraction(0) if by_answer else Fraction(x) for x in rates]
    spans = tuple(Span(x, Fraction(y), False, False) for x, y in zip(low, rates, strict=True))
    found = [
        errors_fault(Reward("", formula, {}), claimed, spans, by_answer, Random(seed))
        for seed in range(8)
    ]
    assert any(found)
