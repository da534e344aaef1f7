"""Which claim decides: scores, rewards, forecasts, and the claim that the user names."""

from __future__ import annotations

import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from jsonschema import Draft202012Validator

from scoring_theory import CATALOGUE, as_trl, check
from scoring_theory.adapters import scorer
from scoring_theory.adapters.scorer import UnsafeRewardError
from scoring_theory.checkers import TruthError
from scoring_theory.checking.report import REPORT_CLAIMS
from simulations.cli import main

SCORES = ["1 - (q - c)^2", "-(q - c)^2", "brier", "log", "spherical", "10*(1 - (q - c)^2)"]
SCHEMA = json.loads(Path("docs/schemas/check.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("formula", SCORES)
def test_a_famous_score_is_headlined_by_what_it_is(
    formula: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """V(1) = V(0) for all of them: nothing in them rewards a correct answer."""
    assert main(["check", formula]) == 0
    headline = capsys.readouterr().out.splitlines()[1]
    assert headline.startswith("STRICTLY PROPER (it is a score: ")
    report = check(formula)
    assert (report.kind, report.holds, report.safe) == ("score", True, False)
    assert not check(formula, claim="jointly-optimal").holds


def test_a_score_is_told_its_weight_beside_correctness() -> None:
    """lam* = 1/(S(0, 0) - S(0+, 1)): 1 for Brier, 0 for log."""
    rows = [dict(check(name).rows())["as a reward"] for name in ("brier", "log")]
    assert rows[0].endswith("c + lam S is jointly optimal for lam <= 1, with S = R")
    assert rows[1].endswith("c + lam S is jointly optimal for no lam > 0, with S = R")


@pytest.mark.parametrize(
    ("formula", "codes"),
    [
        ("c - (q - c)^2", [0, 0, 0, 1]),
        ("c - 2*(q - c)^2", [0, 0, 1, 1]),
        ("c", [0, 1, 0, 0]),
        ("-(q - c)^2", [0, 0, 1, 1]),
        ("-abs(q - c)", [1, 1, 1, 1]),
    ],
)
def test_the_claim_alone_decides_the_exit_code(
    formula: str, codes: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    """GRPO's division by the standard deviation undoes every strictly proper score."""
    trainer = ["--estimator", "grpo", "--outcomes", "by_answer"]
    said = []
    for claim in REPORT_CLAIMS:
        said.append(main(["check", formula, "--claim", claim, *trainer]))
        report = check(formula, claim=claim, estimator="grpo", outcomes="by_answer")
        assert (report.exit_code(), report.holds) == (said[-1], said[-1] == 0)
    assert said == codes
    capsys.readouterr()


def test_a_claim_about_training_needs_a_trainer(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="name an estimator"):
        check("c", claim="trained")
    with pytest.raises(ValueError, match="must be one of proper, strictly-proper"):
        check("c", claim="honest")  # type: ignore[arg-type]
    assert main(["check", "c", "--claim", "trained"]) == 2
    assert "give --estimator" in capsys.readouterr().err


def test_a_forecast_is_judged_by_its_reports_alone() -> None:
    """In twice Brier beside c, a wrong answer would earn more; nobody answers a forecast."""
    report = check("c - 2*(q - c)^2", forecast=True)
    assert report.holds
    assert "jointly" not in report.text()
    assert report.headline().startswith("STRICTLY PROPER (the true probability is the only")
    assert not check("-abs(q - c)", forecast=True).holds
    with pytest.raises(ValueError, match="nobody chooses"):
        check("c", forecast=True, claim="jointly-optimal")


def test_a_clipped_reward_is_judged_by_what_was_asked() -> None:
    """Clipped to [0, 1/2], c pays 0 or 1/2: proper with ties, which are accepted."""
    report = check("c", clip=(0, "1/2"), allow_weak=True)
    assert report.clipped is not None
    assert report.holds
    assert dict(report.rows())["after clipping"].startswith("holds: ")


def test_leaving_out_the_confidence_stays_closed_in_a_forecast() -> None:
    """V(p) = 1 - p (1 - p) is 3/4 at p = 1/2, so an omission that pays .8 is a loophole there."""
    score = "1 - (q - c)^2"
    assert check(score, forecast=True, missing=0).holds
    open_ = check(score, forecast=True, missing="4/5")
    assert open_.outcome() == "refuted"
    assert "omitting the confidence" in open_.headline()


def test_an_adapter_takes_forecasts_without_an_answer() -> None:
    with pytest.raises(UnsafeRewardError, match="it is a score"):
        scorer("1 - (q - c)^2")
    grade = scorer("1 - (q - c)^2", forecast=True)
    completion = "<think>clouds</think><confidence>0.8</confidence>"
    paid = [grade(completion, truth).reward for truth in (1, "no", True, "0")]
    assert paid == pytest.approx([0.96, 0.36, 0.96, 0.36])
    assert grade("rain", 1).reward == 0.0
    with pytest.raises(TruthError, match="the truth of a forecast"):
        grade(completion, "perhaps")
    with pytest.raises(UnsafeRewardError):
        scorer("-abs(q - c)", forecast=True)
    with pytest.raises(ValueError, match="no answer to check"):
        scorer("brier", forecast=True, checker=lambda answer, truth: True)
    assert as_trl("brier", forecast=True)(
        prompts=[""], completions=[completion], solution=["yes"]
    ) == pytest.approx([-0.04])


def exported(file: Path) -> ModuleType:
    spec = spec_from_file_location(file.stem, file)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


def test_an_exported_forecast_scores_as_the_package(tmp_path: Path) -> None:
    file = tmp_path / "forecast_reward.py"
    command = ["export", "1 - (q - c)^2", "--forecast", "--framework", "trl", "-o", str(file)]
    assert main(command) == 0
    completions = ["<confidence>0.8</confidence>", "<confidence>80%</confidence>", "0.8"]
    paid = exported(file).reward_function(["", "", ""], completions, solution=[1, "no", 1])
    assert paid == pytest.approx([0.96, 0.36, 0.0])


def test_the_json_of_every_report_follows_its_schema() -> None:
    validator = Draft202012Validator(SCHEMA)
    Draft202012Validator.check_schema(SCHEMA)
    reports = [check(entry()) for entry in CATALOGUE.values()]
    reports += [
        check("rlcr", estimator="grpo", outcomes="shared", missing=0, bias=0.1),
        check("c - lam*(q - c)^2", lam="0 < lam <= 1", claim="proper"),
        check("1 - (q - c)^2", forecast=True),
        check("c - 2*(q - c)^2", estimator="none", clip=(-1, 1)),
    ]
    for report in reports:
        validator.validate(report.to_json())
    broken = {**reports[0].to_json(), "verdict": "perhaps"}
    assert not validator.is_valid(broken)
    unknown = {**reports[0].to_json(), "extra": 1}
    assert not validator.is_valid(unknown)
