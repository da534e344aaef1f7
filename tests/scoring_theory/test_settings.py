"""Abstention, quantities that the model chooses, and weights that move during training.

Expected numbers are worked out by hand beside each test, or by a dense grid that shares no code
with the search.
"""

from __future__ import annotations

import json
from fractions import Fraction
from math import log

import numpy as np
import pytest

from proofs.kernel.normal_form import Rejected
from proofs.kernel.verifier import verify
from scoring_theory import CATALOGUE, check
from scoring_theory.checking import Report
from scoring_theory.checking.choices import best_choice
from scoring_theory.reward import Reward
from simulations.cli import main

LOG = "c + log(1 - abs(q - c))"
TWICE = "c - 2*(q - c)^2"


def region(report: Report) -> list[float] | None:
    """The ends of the p at which abstaining earns more."""
    found = report.settings[0].data["region"]
    return found and [end["value"] for end in found]


@pytest.mark.parametrize(
    ("formula", "pays", "ends"),
    [
        ("2*c - 1", 0, [0, 1 / 2]),  # TruthRL: 2 p - 1 < 0
        ("c", "1/2", [0, 1 / 2]),  # NeMo Gym
        ("c - 3*(1 - c)", 0, [0, 3 / 4]),  # Kalai at t = 3/4: p - 3 (1 - p) < 0
        ("c - (q - c)^2", "1/4", [0, 1 / 2]),  # p^2 < 1/4
        (TWICE, "-1/10", [0.25 - 80**-0.5, 0.25 + 80**-0.5]),  # 2 p^2 - p < -1/10
        (TWICE, "1/2", [0, 0.25 + (5 / 16) ** 0.5]),
        (LOG, "-1/10", [0.0281101276, 0.5802206728]),  # p + p log p + (1 - p) log(1 - p), bisected
        ("-c", "-1/2", [1 / 2, 1]),  # a reward that pays for errors: -p < -1/2
        (TWICE, 0, [0, 1 / 2]),  # V(0) = 0 as well: a tie at 0 itself
    ],
)
def test_where_abstaining_earns_more(formula: str, pays: object, ends: list[float]) -> None:
    report = check(formula, abstain=pays)  # type: ignore[arg-type]
    verdict = report.settings[0].demands["abstaining"]
    assert verdict.status == "proved"
    assert region(report) == pytest.approx(ends, abs=1e-9)
    assert verdict.certificate is not None
    assert verify(verdict.certificate).endswith(f"where it earns {Fraction(str(pays))}")


def test_a_payoff_below_every_answer_is_never_earned_and_one_above_always() -> None:
    """V = 2 p^2 - p has its minimum -1/8 at 1/4; V(1) = 1."""
    for pays, status, said in (
        ("-1/8", "proved", "abstaining never earns more than an answer: q = 1/4"),
        ("-1", "proved", "never earns more"),
        ("1", "refuted", "at least as much as a certain answer"),
        ("3/2", "refuted", "at least as much as a certain answer"),
    ):
        verdict = check(TWICE, abstain=pays).settings[0].demands["abstaining"]
        assert (verdict.status, said in verdict.reason) == (status, True)
        assert verdict.certificate is not None
        verify(verdict.certificate)


def test_a_loophole_refutes_a_safe_reward() -> None:
    assert check("c - (q - c)^2/2", abstain=0.3).holds
    report = check("c - (q - c)^2/2", abstain=1)
    assert report.outcome() == "refuted"
    assert "abstaining earns 1" in report.headline()


def test_a_deliberately_wrong_answer_competes_with_abstaining() -> None:
    rows = dict(check(LOG, abstain="-1/10").rows())
    assert rows["instead"] == (
        "a deliberately wrong answer with q = 0 earns 0, more than abstaining"
    )
    assert "instead" not in dict(check("c - (q - c)^2", abstain="-1/10").rows())


def test_published_abstention_rewards_carry_what_they_pay(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """p < 1/2, p < t = 3/4, p < 1/2, as their papers say."""
    ends = {"truthrl": "1/2", "confidence_target": "3/4", "nemo_gym_abstention": "1/2"}
    assert ends.keys() == {key for key, entry in CATALOGUE.items() if entry.abstain}
    for key, end in ends.items():
        for given in (key, CATALOGUE[key]):
            reason = check(given).settings[0].demands["abstaining"].reason
            assert reason.endswith(f"exactly for p < {end}")
        main(["check", "--rule", key, "--json"])
        assert json.loads(capsys.readouterr().out)["settings"][0]["region"][1]["exact"] == end


@pytest.mark.parametrize("entry", [e for e in CATALOGUE.values() if e.proper != "no"])
def test_the_region_is_that_of_a_dense_grid(entry: object) -> None:
    """V by its definition: the best of 401 reports at each of 201 p."""
    reward = entry()  # type: ignore[operator]
    p = np.arange(1, 200) / 200
    table = reward.table(np.arange(401) / 400)
    with np.errstate(invalid="ignore"):
        earned = np.nan_to_num(p[:, None] * table[1] + (1 - p[:, None]) * table[0], nan=-np.inf)
    best = earned.max(axis=1)
    middle = float(np.median(best))
    pays = Fraction(middle).limit_denominator(50) + Fraction(1, 173)
    report = check(entry, abstain=pays)  # type: ignore[arg-type]
    ends = region(report)
    less = best < float(pays) - 1e-6
    if ends is None:
        assert not less.any()
        return
    clear = np.abs(best - float(pays)) > 1e-4
    if report.settings[0].demands["abstaining"].status == "refuted":
        ends = [0, 1]
    inside = (p > ends[0]) & (p < ends[1])
    assert (inside == less)[clear].all()


def test_abstention_is_undecided_where_nothing_is_known() -> None:
    given = check("c - k*(q - c)^2", k="k > 0", abstain=0)
    assert given.settings[0].demands["abstaining"].status == "undecided"
    assert not check("1 - abs(q - c)", abstain=0).settings[0].demands
    with pytest.raises(ValueError, match="must be a number, got 'q'"):
        check("c", abstain="q")
    assert main(["check", "c", "--abstain", "1/0"]) == 2


CLAIM = {
    "schema": 2, "formula": "c - (q - c)^2", "parameters": {}, "breakpoints": [],
    "evidence": [{"kind": "terms"}], "pays": "1/4", "claim": "abstention earns more between",
    "from": ["0", "0"], "to": ["0.49", "0.51"],
}  # fmt: skip


@pytest.mark.parametrize(
    "forged",
    [
        {"to": ["0.51", "0.52"]},
        {"to": ["0.4", "0.45"]},
        {"to": ["0.51", "0.49"]},
        {"to": ["1", "1"]},
        {"to": ["0.49", "0.49"]},
        {"from": ["0.1", "0.2"]},
        {"from": ["-1", "0"]},
        {"from": ["0"]},
        {"pays": "1/5"},
        {"pays": "q"},
        {"pays": "0"},
        {"formula": "c + abs(q - c)"},
        {"claim": "abstention never earns more", "from": None, "to": None, "q": "0"},
        {"claim": "abstention always earns as much", "from": None, "to": None},
        {"claim": "abstention always earns as much", "from": None, "to": None, "pays": "99/100"},
    ],
)
def test_forged_regions_are_rejected(forged: dict[str, object]) -> None:
    verify(CLAIM)
    changed = {name: x for name, x in {**CLAIM, **forged}.items() if x is not None}
    with pytest.raises(Rejected):
        verify(changed)


@pytest.mark.parametrize(
    ("formula", "chosen", "best"),
    [
        ("c - (q - c)^2 - L/10", "0 <= L <= 1", {"L": "0"}),
        ("c*L - (q - c)^2", "0 <= L <= 1", {"L": "1"}),
        ("c - (q - c)^2 - (L - 1/3)^2", "0 <= L <= 1", {"L": "1/3"}),
        ("c*(1 - L) - (q - c)^2*(1 + L)", "0 <= L <= 4", {"L": "0"}),
    ],
)
def test_a_choice_that_is_always_best_decides(
    formula: str, chosen: str, best: dict[str, str]
) -> None:
    report = check(formula, model_chooses=chosen)
    verdict = report.settings[0].demands["best choice"]
    assert verdict.witness == best
    assert verdict.certificate is not None
    verify(verdict.certificate)
    alone = check(formula, parameters={name: f"{name} = {x}" for name, x in best.items()})
    assert report.outcome() == alone.outcome() == "holds"


def test_a_model_that_chooses_the_penalty_switches_it_off() -> None:
    """At each fixed L > 0 the reward is strictly proper; the best choice, L = 0, pays c alone."""
    formula = "c - L*(q - c)^2"
    assert check(formula, L="0 < L <= 1").holds
    report = check(formula, model_chooses="0 <= L <= 1")
    assert report.outcome() == "refuted"
    assert report.reward.parameters == {"L": "L = 0"}
    assert check(formula, model_chooses="0 <= L <= 1", allow_weak=True).holds


def test_no_best_choice_but_a_misreport_beats_truth_at_every_choice() -> None:
    """p = 1/2: the truth earns 1/4 at any L; q = 1 with L = 1 earns 1/2 - 1/2 + 1/2."""
    report = check("c - (q - c)^2 + L*(q - 1/2)", model_chooses="0 <= L <= 1")
    for name in ("proper", "jointly optimal"):
        verdict = report.settings[0].replaces[name]  # type: ignore[index]
        assert verdict.status == "refuted"
        assert verdict.certificate is not None
        verify(verdict.certificate)
    forged = {**report.settings[0].replaces["proper"].certificate, "q": "1/2"}  # type: ignore[dict-item]
    with pytest.raises(Rejected):
        verify(forged)
    with pytest.raises(Rejected):
        verify({**forged, "q": "1", "values": {"L": "2"}})
    with pytest.raises(Rejected):
        verify({**forged, "q": "1", "chosen": ["M"]})


def test_a_misreport_that_gains_for_some_p_only_is_found_below_0_as_well() -> None:
    """p = 1/2: q = .29 costs .044 and wins .004; p = 1/4: it costs .0016."""
    reward = Reward.parse("c - (q - c)^2 - 10 + L*(q - 1/4)*(q < 3/10)/10", L="0 <= L <= 1")
    verdict = best_choice(reward, ["L"])[1].replaces["proper"]
    assert verdict.witness == {"p": "1/4", "q": "29/100", "L": "1"}


def test_a_worse_answer_with_the_better_choice() -> None:
    """L = 1 pays V = (1 - p)^2 for p < 1/2: .5625 at 1/4, more than .25 at 1/2 with any L."""
    report = check("c - (q - c)^2 + 2*L*(1/2 - c)", model_chooses="0 <= L <= 1")
    assert report.settings[0].replaces["jointly optimal"].status == "refuted"
    assert report.verdict("proper").status == "proved"  # at each fixed L, so at the best


def test_a_choice_needs_a_bounded_domain_and_a_parameter_gets_a_hint() -> None:
    for text, said in (
        ("L > 0", "bounded domain"),
        ("L", "bounded domain"),
        ("0 <", "declared as"),
    ):
        with pytest.raises(ValueError, match=said):
            check("c - L", model_chooses=text)
    hint = dict(check("c - (q - c)^2 - L/10", L="0 <= L <= 1").rows())["hint"]
    assert '--model-chooses "0 <= L <= 1"' in hint
    assert "hint" not in dict(check("c - lam*(q - c)^2", lam="0 < lam <= 1").rows())


@pytest.mark.parametrize(
    ("domain", "best"),
    [
        ("1 <= L <= 3", "31/30"),
        ("1 <= L <= 3", "3"),
        ("-1/100 <= L <= 0", "0"),
        ("0 <= L <= 1/100", "1/6000"),
        ("-1 <= L <= 0", "-1/60"),
    ],
)
def test_choices_are_tried_at_61_values_of_the_domain(domain: str, best: str) -> None:
    """The ends and 59 values between them; a domain may end at 0 from either side."""
    reward = Reward.parse(f"c - (q - c)^2 - (L - ({best}))^2", L=domain)
    assert best_choice(reward, ["L"])[1].data["chosen"] == {"L": best}


def test_a_weight_that_moves_is_unsafe_where_it_exceeds_the_largest_safe_one() -> None:
    """lam* of Brier is 1; 2 t > 1 from t = 1/2; twice Brier fails below 1/2, 3/2 below 1/3."""
    report = check("c - lam*(q - c)^2", lam="lam >= 0", schedule="lam = 2*t, 0 <= t <= 1")
    assert report.outcome() == "refuted"
    assert report.jointly_optimal.status == "refuted"
    data = report.settings[0].data
    assert data["unsafe"] == "t between 1/2 and 1, where lam(t) > lam* = 1"
    assert [row["fails_below"] for row in data["times"]] == pytest.approx([0, 0, 0, 1 / 3, 1 / 2])
    assert [row["share"] for row in data["times"]] == pytest.approx([0, 0, 0, 1 / 3, 1 / 2])


@pytest.mark.parametrize(
    ("schedule", "unsafe"),
    [
        ("lam = 3*exp(-3*t), 0 <= t <= 1", f"t between 0 and {log(3) / 3:.6g}"),
        ("lam = 6*t*(1 - t), 0 <= t <= 1", "t between 0.211325 and 0.788675"),  # (3 -+ sqrt 3)/6
        ("lam = t/1000, 0 <= t <= 2000", "t between 1000 and 2000"),
        ("lam = t, 0 <= t <= 1", "none: lam(t) <= lam* = 1 throughout"),
        ("lam = 1/2, 0 <= t <= 1", "none"),
    ],
)
def test_unsafe_times(schedule: str, unsafe: str) -> None:
    report = check("c - lam*(q - c)^2", lam="lam >= 0", schedule=schedule, difficulty="beta(2, 2)")
    assert report.settings[0].data["unsafe"].startswith(unsafe)
    safe = unsafe.startswith("none")
    assert (report.jointly_optimal.status == "proved") == safe


def test_a_schedule_is_read_or_answered_by_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    for text in (
        "2*t",
        "lam = 2*t",
        "lam = 2*s, 0 <= t <= 1",
        "lam = 2*t, t > 0",
        "mu = t, 0<=t<=1",
    ):
        with pytest.raises(ValueError, match="schedule"):
            check("c - lam*(q - c)^2", lam="lam >= 0", schedule=text)
    with pytest.raises(ValueError, match="beta"):
        check(
            "c - lam*(q - c)^2", lam="lam >= 0", schedule="lam = t, 0 <= t <= 1", difficulty="hard"
        )
    with pytest.raises(ValueError, match="give a schedule"):
        check("c", difficulty="uniform")
    command = ["check", "c - lam*(q - c)^2", "--param", "lam >= 0"]
    assert main([*command, "--schedule", "lam = 2*t, 0 <= t <= 1"]) == 1
    assert "t = 3/4: fails below p = 0.333, 33%" in capsys.readouterr().out


def test_settings_that_replace_the_same_verdicts_come_one_at_a_time() -> None:
    with pytest.raises(ValueError, match="give one at a time"):
        check("c", graded=True, false_positive=0.1)
    with pytest.raises(ValueError, match="errors by answer need rates"):
        check("c", errors_by_answer=True)
