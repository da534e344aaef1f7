"""`design` and `repair` on the command line, and the hint of `check`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from scoring_theory import Reward
from simulations.cli import main

Capture = pytest.CaptureFixture[str]


def told(capsys: Capture, *arguments: str) -> dict[str, Any]:
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


def test_design_of_the_issue(capsys: Capture, tmp_path: Path) -> None:
    proof = tmp_path / "proof.json"
    arguments = ["--threshold", "0.6", "--threshold", "0.9", "--margin", "0.1", "--range", "1"]
    assert main(["design", *arguments, "--certificate", str(proof)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("9/20*(c - 3/5)*(3/5 < q) + 9/20*(c - 9/10)*(9/10 < q) + 1/10*c\n")
    assert "calibration        9/10  (incentive: the remaining range" in shown
    assert "learning speed     1/10 times that of the binary reward with the same range" in shown
    assert "0.1 at p = 1/2, 0.55 at p = 3/4  (V'(p) / range)" in shown  # .1, and half of the rest
    assert main(["verify", str(proof)]) == 0
    assert "accepted" in capsys.readouterr().out


def test_design_mixes_shares(capsys: Capture) -> None:
    found = told(
        capsys,
        "design",
        "--threshold",
        "1/2=1",
        "--beta",
        "2,8=2",
        "--uniform",
        "0,1=1",
        "--range",
        "4",
    )
    assert found["range"] == "4"
    assert found["curvature"] == "1"
    assert found["check"]["verdict"] == "holds"
    assert found["trade_off"]["pull"][0] == 4
    assert found["learning_speed"]["hard_questions"] == "0"
    # F(1/2) / r = (0 of the threshold 1/2 + 2 (1 - 10/2^9) of Beta(2, 8) + 1/2) / 4
    assert found["learning_speed"]["speed"][1] == pytest.approx((2 * (1 - 10 / 2**9) + 0.5) / 4)
    again = Reward.parse(str(found["formula"]))
    assert float(again.payoff(0.5 + 1e-9, 1) - again.payoff(0.5, 1)) == pytest.approx(0.5, abs=1e-6)


def test_design_draws_and_contests(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "made"
    arguments = [
        "--threshold",
        "0.6",
        "--curvature",
        "0.2",
        "--decision",
        "0.3",
        "--figure",
        f"{path}.png",
    ]
    assert main(["contest", *arguments, "--short"]) == 0
    shown, told = capsys.readouterr()
    assert "q > 0.3" in shown
    assert "half gone at step" in shown
    assert re.search(r"the lead at q > 0\.6 has shrunk by a factor of 3\.\d+\.", shown)
    assert [line.split()[2] for line in told.splitlines()] == [
        f"{path}.png,",
        f"{path}-contest.png,",
    ]
    assert {p.name for p in tmp_path.iterdir()} == {f"made{a}.{b}" for a in ("", "-contest")
                                                    for b in ("png", "pdf", "csv")}  # fmt: skip


def test_design_says_that_it_is_an_approximation(capsys: Capture) -> None:
    assert main(["design", "--beta", "1000,1500"]) == 0
    assert (
        "piecewise uniform; the mass below each threshold differs by at most 0.0"
        in capsys.readouterr().out
    )
    assert main(["design", "--beta", "4,10"]) == 0
    assert "approximated" not in capsys.readouterr().out


def test_repair_of_the_issue(capsys: Capture, tmp_path: Path) -> None:
    assert main(["repair", "c - 2*(q-c)^2", "--certificate", str(tmp_path / "proof.json")]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"distance +0\.1671\d*; no safe reward is closer than 0\.165", shown)
    assert "simpler            c - (q - c)^2  (scoring part scaled by 1/2; distance 0.298" in shown
    formula = shown.partition("\n")[0]
    assert main(["check", formula, "--allow-weak"]) == 0
    capsys.readouterr()
    assert main(["verify", str(tmp_path / "proof.json")]) == 0
    capsys.readouterr()
    assert main(["repair", formula]) == 0
    assert "nothing to do" in capsys.readouterr().out


def test_a_repair_offers_two_numbers(capsys: Capture) -> None:
    assert main(["repair", "c + log(1 - abs(q - c))"]) == 0
    assert (
        "  simpler            39/25*c - 39/25*(q - c)^2  (uniform thresholds; distance 0.65"
        in capsys.readouterr().out
    )
    assert told(capsys, "repair", "-abs(q - c)")["even"]["distance"] == pytest.approx(
        0.2507, abs=1e-4
    )
    assert main(["repair", "c - 3*q"]) == 0
    assert "simpler" not in capsys.readouterr().out


def test_repair_in_json(capsys: Capture) -> None:
    found = told(capsys, "repair", "-abs(q - c)", "--margin", "1/10", "--curvature", "0.2")
    assert found["changed"] is True
    assert found["check"]["verdict"] == "holds"
    assert 0 < found["lower_bound"] <= found["distance"]
    assert told(capsys, "repair", "--rule", "rlcr")["changed"] is False


@pytest.mark.parametrize(
    ("formula", "hint"),
    [
        (
            "c - 2*(q - c)^2",
            "c - (q - c)^2 is safe (scoring part scaled by 1/2); `scoring-theory repair` finds",
        ),
        (
            "-abs(q - c)",
            "  repair             `scoring-theory repair` finds the closest safe reward",
        ),
        ("c + log(1 - abs(q - c))", "  repair             `scoring-theory repair` finds"),
    ],
)
def test_check_says_that_repair_exists(capsys: Capture, formula: str, hint: str) -> None:
    assert main(["check", formula]) == 1
    assert hint in capsys.readouterr().out


@pytest.mark.parametrize("formula", ["c - (q - c)^2", "c"])
def test_check_offers_no_repair_of_safe_rewards(capsys: Capture, formula: str) -> None:
    main(["check", formula])
    assert "repair" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["design", "--margin", "0.5"], "must have mass"),
        (["design"], "give the decision thresholds: --threshold"),
        (["repair", "rlcr2"], "'rlcr2' is neither a formula nor a name"),
        (["design", "--threshold", "x"], "--threshold takes a number"),
        (["design", "--threshold", "0.5", "--margin", "x"], "x"),
        (["design", "--threshold", "0.5", "--margin", "2"], "`margin` must lie in"),
        (
            ["contest", "--threshold", "0.5", "--seed", "-1"],
            "expected a whole number of at least 0",
        ),
        (
            ["contest", "--threshold", "0.6", "--decision", "1.5"],
            "--decision takes a number from 0 to 1, such as 0.3; got '1.5'",
        ),
        (["contest", "--threshold", "0.6", "--decision", "0.3=2"], "got '0.3=2'"),
        (["design", "--beta", "2"], "--beta takes two numbers"),
        (["design", "--uniform", "0.9,0.5"], "must be an interval"),
        (["repair"], "give one of"),
        (
            ["repair", "c", "--margin", "1/0"],
            "`margin` must be a number such as 0.25 or 3/10, got '1/0'",
        ),
        (["design", "--threshold", "1e999999999"], "--threshold takes a number"),
        (["repair", "c - lam*q", "--param", "lam > 0"], "`lam` needs a value"),
        (["repair", "c +"], "at the end of 'c +'"),
    ],
)
def test_bad_input_is_a_sentence_and_exit_code_2(
    capsys: Capture, arguments: list[str], words: str
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("scoring-theory: ")
    assert words in captured.err
    assert "Traceback" not in captured.err


def test_check_recommends_repair_only_where_it_works(capsys: Capture) -> None:
    floored = "c*max(log(q), -5) + (1 - c)*max(log(1 - q), -5)"
    for formula, works in ((floored, True), ("c + boosting", False), ("c/(q - 1/3)", False)):
        assert main(["check", formula]) == 1
        assert ("`scoring-theory repair`" in capsys.readouterr().out) is works
        assert main(["repair", formula]) == (0 if works else 2)
        capsys.readouterr()
