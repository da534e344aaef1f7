"""Fifteen reward functions as people publish them: the verdict and the reason of each."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from scoring_theory import CATALOGUE, Reward, probe
from scoring_theory.adapters.export import export
from scoring_theory.configs import read_config
from scoring_theory.probing import DEFECTS, Probe
from scoring_theory.probing.calling import load
from scoring_theory.probing.fit import fitted, joined
from scoring_theory.probing.summary import probe_markdown

FOLDER = Path(__file__).parent / "reward_functions"
TEN, PERCENT = {"reader": "tags,scale=ten"}, {"reader": "percent", "framework": "verl"}
UNSAFE: list[tuple[str, dict[str, Any], str, str, str]] = [
    # The numbers in the last column can be put in by hand: U(p, q) = p R(q, 1) + (1 - p) R(q, 0).
    (
        "capped_brier_with_bonus", {}, "improper",
        "c*min(1, 1/10 + 2*q - q^2) + (1 - c)*(1/10 - q^2)",
        "p = 9/10: expected reward 0.829 with truthful q = 9/10, 0.861 with q = 7/10",
    ),
    (
        "symmetric_linear", {}, "improper", "c*(-1 + 2*q) + (1 - c)*(1 - 2*q)",
        "p = 1/4: expected reward 0.250 with truthful q = 1/4, 0.500 with q = 0",
    ),
    (
        "percent_read_as_is", PERCENT, "scale", "c*(200*q - 10000*q^2) + (1 - c)*(-10000*q^2)",
        "those of c - (q - c)^2 with q = 100 where the confidence 1 is stated",
    ),
    (
        "log10_of_ten", TEN, "accuracy",
        "c*log(clip(q, 1/1000, 999/1000))/log(10)"
        " + (1 - c)*(log(1 - clip(q, 1/1000, 999/1000))/log(10))",
        "a deliberately wrong answer earns -0.000434512 with q = 0",  # log10(0.999)
    ),
    (
        "penalty_without_confidence", {}, "missing", "c - (q - c)^2",
        "no confidence: p = 1/2: it earns 1/2, the truthful report 1/4",
    ),
    ("nan_through", {"framework": "verl"}, "nan", "c - (q - c)^2", "nan: it pays nan"),
    (
        "endpoint_bonus", {}, "improper",
        "c*(1/10 if q <= 0 else (2*q - q^2 if q < 1 else 11/10))"
        " + (1 - c)*(1/10 if q <= 0 else (-q^2 if q < 1 else -9/10))",
        "p = 9/10: expected reward 0.810 with truthful q = 9/10, 0.900 with q = 1",
    ),
    (
        "format_bonus_outweighs", {"framework": "openrlhf"}, "unreadable", "1/2 + c - (q - c)^2",
        "an empty one: p = 1/2: it earns 1, the truthful report 3/4",
    ),
    (
        "graded_with_square", {}, "graded", "c - (q - c)^2",
        "score 3/10 for sure earns 0.300; score 0 or 1 evenly, of mean 1/2, earns 0.250",
    ),
    (
        "accuracy_with_brier calibration_only", {}, "sum", "c - 2*(q - c)^2",
        "p = 1/4: expected reward -0.125 with truthful q = 1/4, 0 for a deliberately wrong answer",
    ),
]  # fmt: skip
SAFE: list[tuple[str, dict[str, Any], str]] = [
    ("rlcr", {}, "c - (q - c)^2"),
    ("percent", PERCENT, "c - (q - c)^2"),
    (
        "spherical",
        {"framework": "openrlhf", "reader": "json"},
        "c*(1 + q/sqrt(q^2 + (1 - q)^2)) + (1 - c)*((1 - q)/sqrt(q^2 + (1 - q)^2))",
    ),
    ("quarter", {"framework": "verifiers"}, "c - 1/4*(q - c)^2"),
    ("accuracy calibration", {"weights": [1, 0.5]}, "c - 1/2*(q - c)^2"),
]


@cache
def module(name: str) -> ModuleType:
    spec = spec_from_file_location(f"published_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    found = module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def probed(file: str, names: str, **options: Any) -> Probe:
    """In this process, which is quick; `test_probe_child.py` has the child."""
    return probe([getattr(module(file), name) for name in names.split()], **options)


@pytest.mark.parametrize(("names", "options", "kind", "formula", "reason"), UNSAFE)
def test_each_defect_is_found_by_its_own_reason(
    names: str, options: dict[str, Any], kind: str, formula: str, reason: str
) -> None:
    found = probed("unsafe", names, **options)
    assert found.formula == formula
    assert [defect.kind for defect in found.defects] == [kind]
    assert reason in found.defects[0].reason
    assert (found.outcome(), found.exit_code()) == ("refuted", 1)


def test_no_two_of_the_ten_have_the_same_reason() -> None:
    assert len({reason for *_, reason in UNSAFE}) == len(UNSAFE) == 10
    assert {kind for _, _, kind, _, _ in UNSAFE} <= DEFECTS.keys()


@pytest.mark.parametrize(("names", "options", "formula"), SAFE)
def test_what_is_right_holds(names: str, options: dict[str, Any], formula: str) -> None:
    found = probed("safe", names, **options)
    assert (found.formula, found.defects, found.outcome()) == (formula, (), "holds")
    assert {each.status for each in found.unread} == {"proved"}
    assert not any("as if there were none" in remark for remark in found.remarks)
    assert found.headline().startswith("HOLDS AS PROBED")
    assert "probed" in dict(found.rows())


@pytest.mark.slow
def test_the_weights_of_the_configuration_make_a_sum_unsafe() -> None:
    """c - 3 (q - c)^2 has its largest safe weight at 1: each function alone is none the wiser."""
    assert probed("safe", "accuracy calibration", weights=[1, 1]).holds
    found = probed("safe", "accuracy calibration", weights=[1, 3])
    assert [defect.kind for defect in found.defects] == ["sum"]


@pytest.mark.slow
def test_a_trainer_that_undoes_the_reward_is_a_defect() -> None:
    options = read_config({"scale_rewards": "group", "num_generations": 4}).options()
    found = probed("safe", "rlcr", **options)
    assert {defect.kind for defect in found.defects} == {"training"}
    options = read_config({"scale_rewards": "none", "num_generations": 4}).options()
    assert probed("safe", "rlcr", **options).holds


def brier(pays: Callable[[float, float], float]) -> Callable[..., list[float]]:
    """A function for TRL that pays this for a readable confidence, and -1 otherwise."""
    unsafe = module("unsafe")

    def reward(completions: list[str], answer: list[str], **columns: Any) -> list[float]:
        found = []
        for text, gold in zip(completions, answer, strict=True):
            q = unsafe.to_float(unsafe.extract(text, unsafe.CONFIDENCE))
            readable = q is not None and 0 <= q <= 1
            found.append(pays(q, unsafe.is_right(text, gold)) if readable else -1.0)
        return found

    return reward


def test_without_a_formula_the_payoffs_themselves_are_compared() -> None:
    """Nothing is proved then, but a misreport that earns more is a counterexample all the same."""
    odd = probe(brier(lambda q, c: math.sin(3 * q) * (2 * c - 1)))
    assert (odd.formula, odd.report, odd.outcome()) == (None, None, "refuted")
    assert [defect.kind for defect in odd.defects] == ["improper"]
    # A strictly proper score with weight 1 + sin(q)^2 on the threshold q, found by quadrature.
    t = np.linspace(0, 1, 20_001)
    weight = 1 + np.sin(t) ** 2

    def mixture(q: float, c: float) -> float:
        below = t <= q + 1e-12
        return float(np.sum((c - t[below]) * weight[below])) / 20_000

    kept = probe(brier(mixture))
    assert (kept.formula, kept.defects, kept.outcome()) == (None, (), "undecided")
    assert kept.exit_code() == 3


def tagged(pay: Callable[[float | None, float], float]) -> Callable[..., list[float]]:
    """A reward function of TRL that pays `pay(q, c)`, with None for no confidence in [0, 100]."""

    def reward(completions: list[str], answer: list[str], **_: Any) -> list[float]:
        paid = []
        for text, truth in zip(completions, answer, strict=True):
            said = re.search(r"<answer>(.*?)</answer>", text, re.DOTALL)
            stated = re.search(r"<confidence>\s*([0-9.]+)\s*</confidence>", text)
            q = float(stated[1]) if stated and float(stated[1]) <= 100 else None
            paid.append(pay(q, float(said is not None and said[1].strip() == truth)))
        return paid

    return reward


def judged(pay: Callable[[float | None, float], float], **options: Any) -> Probe:
    return probe(tagged(pay), **options)


@pytest.mark.parametrize("scale", [1.0, 1e-3, 1e-7, 1e5])
@pytest.mark.parametrize(("missing", "holds"), [(4.9e-5, False), (0.0, True), (-4.9e-5, True)])
def test_no_payoff_is_too_small_to_count(scale: float, missing: float, holds: bool) -> None:
    """RLCR pays 0 for q = 0 and a wrong answer: whatever leaving it out earns beyond 0 is more."""

    def pay(q: float | None, c: float) -> float:
        return scale * (missing if q is None or q > 1 else c - (q - c) ** 2)

    found = judged(pay)
    assert found.formula is not None
    assert Reward.parse(found.formula).payoff(0.3, 1) == pytest.approx(scale * 0.51)
    assert found.holds is holds
    assert {defect.kind for defect in found.defects} <= {"missing", "unreadable"}
    earned = {one.what: one.earns for one in found.unread}["no confidence"]
    assert float(Fraction(earned)) == pytest.approx(scale * missing, rel=1e-9)


def test_a_confidence_that_is_read_as_another_one_is_no_loophole() -> None:
    """1.5 is paid as 0.015, (1 - (1 - .015)^2 and -.015^2): exactly what a truthful .015 earns."""

    def pay(q: float | None, c: float) -> float:
        stated = 0.0 if q is None else q / 100 if q > 1 else q
        return -1.0 if q is None else c - (stated - c) ** 2

    found = judged(pay)
    assert found.holds
    earned = {one.what: one.earns for one in found.unread}["above the scale"]
    assert earned == "-9/40000 + 3/100*c"


def test_payoffs_of_single_precision_have_their_formula() -> None:
    def pay(q: float | None, c: float) -> float:
        right = np.float32(c)
        return float(
            np.float32(-1.1) if q is None or q > 1 else right - (np.float32(q) - right) ** 2
        )

    found = judged(pay)
    assert (found.formula, found.holds) == ("c - (q - c)^2", True)
    assert {one.what: one.earns for one in found.unread}["no confidence"] == "-11/10"


def test_confidences_that_are_paid_alike_are_a_defect_without_a_formula_too() -> None:
    """Rounded to tenths, the confidence .71 is .7; nothing else is wrong with it."""

    def pay(q: float | None, c: float) -> float:
        return -2.0 if q is None or q > 1 else c - (round(q, 1) - c) ** 2

    found = judged(pay)
    assert found.formula is None
    assert [defect.kind for defect in found.defects] == ["tie"]
    assert not judged(pay, allow_weak=True).defects


EXPORTED = {
    "trl": "reward_function",
    "verl": "compute_score",
    "openrlhf": "reward_func",
    "verifiers": "reward",
}


@pytest.mark.filterwarnings("ignore:0 of 8 completions could be read")
@pytest.mark.parametrize("framework", EXPORTED)
def test_an_exported_function_is_judged_as_its_formula(framework: Any, tmp_path: Path) -> None:
    """It is a partial whose option `truth` names a column: it must not be given a truth."""
    path = tmp_path / f"for_{framework}.py"
    export("c - (q - c)^2", path, framework=framework)
    found = probe(load(str(path), EXPORTED[framework]), framework=framework)
    assert (found.formula, found.outcome()) == ("c - (q - c)^2", "holds")


def test_what_is_no_function_of_the_completion_is_a_defect() -> None:
    calls: list[int] = []

    def drifting(completions: list[str], **columns: Any) -> list[float]:
        calls.append(1)
        return [len(calls) / 1000 for _ in completions]

    assert "random" in {defect.kind for defect in probe(drifting).defects}


def test_a_function_that_raises_says_for_what() -> None:
    def fragile(completions: list[str], **columns: Any) -> list[float]:
        return [float(text.split("<confidence>")[1].split("<")[0]) for text in completions]

    found = [defect for defect in probe(fragile).defects if defect.kind == "raises"]
    assert any("a word: it raised ValueError" in defect.reason for defect in found)
    assert any("no confidence: it raised IndexError" in defect.reason for defect in found)


def test_none_is_left_out_by_trl_and_no_loophole() -> None:
    def skipping(completions: list[str], answer: list[str], **columns: Any) -> list[float | None]:
        paid = module("safe").rlcr([[{"content": text}] for text in completions], answer)
        return [None if each == -1 else each for each in paid]

    found = probe(skipping)
    told = {each.what: each.earns for each in found.unread}
    assert told["no confidence"] == "None, left out of its group"


@pytest.mark.slow
def test_partial_credit_that_is_affine_keeps_the_verdict() -> None:
    def affine(completions: list[str], answer: list[Any], **columns: Any) -> list[float]:
        unsafe, paid = module("unsafe"), []
        for text, gold in zip(completions, answer, strict=True):
            q = unsafe.to_float(unsafe.extract(text, unsafe.CONFIDENCE))
            words = set(str(gold).split())
            said = set((unsafe.extract(text, unsafe.ANSWER) or "").split())
            s = len(words & said) / len(words)
            ok = q is not None and 0 <= q <= 1
            paid.append(s * (1 - (1 - q) ** 2) - (1 - s) * q**2 if ok else -1.0)
        return paid

    found = probe(affine)
    assert found.holds
    assert any("0.5 as right" in remark for remark in found.remarks)


@pytest.mark.slow
def test_phrases_are_judged_on_their_confidences() -> None:
    from scoring_theory import READERS

    def verbal(completions: list[str], answer: list[str], **columns: Any) -> list[float]:
        said = [READERS["verbal"].read(text) for text in completions]
        right = [float(one.answer == gold) for one, gold in zip(said, answer, strict=True)]
        return [
            -1.0 if one.confidence is None else c - (one.confidence - c) ** 2
            for one, c in zip(said, right, strict=True)
        ]

    found = probe(verbal, reader="verbal")
    assert (len(found.levels), found.formula, found.holds) == (7, "c - (q - c)^2", True)


@pytest.mark.slow
@pytest.mark.parametrize("reader", ["forecast", "boxed"])
def test_other_formats_and_truths(reader: str) -> None:
    from scoring_theory import READERS

    def reward(data_source: str, solution_str: str, ground_truth: Any, extra_info: Any) -> float:
        said = READERS[reader].read(solution_str)
        if said.confidence is None or (reader == "boxed" and said.answer is None):
            return -1.0
        event = ground_truth == "yes" if reader == "forecast" else said.answer == ground_truth
        base = -1.0 if reader == "forecast" else 0.0
        return base * event + event - (said.confidence - event) ** 2

    found = probe(reward, framework="verl", reader=reader)
    assert found.holds
    assert found.formula == ("-(q - c)^2" if reader == "forecast" else "c - (q - c)^2")


def test_another_format_is_noticed() -> None:
    """The function reads whole percents; a reader for 0 to 1 gives it two that it can read."""
    found = probed("safe", "percent", framework="verl")
    assert any(
        remark.startswith("106 of 108 confidences are paid as if") for remark in found.remarks
    )


ENTRIES = [
    entry
    for entry in CATALOGUE.values()
    if not entry.domains and entry.key in {"brier", "log", "spherical", "rlcr", "correctness"}
]
LEVELS = [Fraction(n, 50) for n in range(51)]


@pytest.mark.parametrize("text", [entry.formula for entry in ENTRIES] + [
    "c - 3/7*(q - c)^2", "c*sqrt(q) + (1 - c)*(2 - sqrt(1 - q))", "2/3*c - abs(q - 1/2)",
    "max(-1/2, c - 2*(q - c)^2)", "c + 1/5*log(max(q, 1/100))", "c*q^3 - 1/4*q^4",
    "c*(q > 1/2) - 1/4*(q > 4/5)",
])  # fmt: skip
def test_a_fitted_formula_is_the_one_that_paid(text: str) -> None:
    payoffs = Reward.parse(text).table([float(level) for level in LEVELS])
    wrong, right = (fitted(LEVELS, row.tolist()) for row in payoffs)
    assert right is not None
    assert wrong is not None
    again = Reward.parse(joined(right, wrong)).table([float(level) for level in LEVELS])
    assert np.allclose(again, payoffs, rtol=0, atol=1e-9, equal_nan=True)


def test_noise_is_not_fitted() -> None:
    """Payoffs with noise of 1e-6 have no formula: otherwise the fit would be an approximation."""
    noise = np.random.default_rng(0).normal(scale=1e-6, size=len(LEVELS))
    assert fitted(LEVELS, [float(q**2 + e) for q, e in zip(LEVELS, noise, strict=True)]) is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"framework": "ppo"}, "must be one of trl, verl, openrlhf, verifiers, got 'ppo'"),
        ({"weights": [1, 2]}, "one weight for each function: 1, got 2"),
        ({"truth": "4"}, "`truth` needs `wrong`"),
        ({"wrong": "4"}, "need `truth`"),
    ],
)
def test_options_are_checked(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        probed("safe", "rlcr", **arguments)


# ------------------------------------------------------------- what the function was given to read


def worded(answer: str, confidence: str, top: float) -> Callable[..., list[float]]:
    """RLCR for what two regular expressions find, and -1 for everything else."""

    def reward(completions: list[str], gold: list[str], **columns: Any) -> list[float]:
        paid = []
        for text, truth in zip(completions, gold, strict=True):
            said, stated = re.search(answer, text), re.search(confidence, text)
            q = float(stated[1]) / top if stated else math.nan
            ok = float(said is not None and said[1] == truth)
            paid.append(ok - (q - ok) ** 2 if said and 0 <= q <= 1 else -1.0)
        return paid

    return reward


BOX, TAG, NUMBER = r"\\boxed\{(.*)\}", "<answer>(.*)</answer>", r"([0-9.]+)"
PATTERN = {"pattern": "Answer: {answer} ({confidence}%)", "scale": "percent"}
BOXED = {"pattern": "\\boxed{{{answer}}} Confidence: {confidence}%", "scale": "percent"}


@pytest.mark.parametrize(
    ("reader", "answer", "confidence", "top", "unread"),
    [
        ("boxed", BOX, rf"Confidence:\s*{NUMBER}%", 100, ["without a percent sign"]),
        ("boxed", BOX, rf"Confidence:\s*{NUMBER}$", 100, ["with a percent sign"]),
        ("boxed", BOX, rf"Confidence:\s*{NUMBER}%?$", 100, []),
        ("boxed,scale=percent", BOX, rf"\nConfidence: {NUMBER}%$", 100, ["without a percent"]),
        ("percent", TAG, rf"<confidence>{NUMBER}%</", 100, ["without a percent sign"]),
        ("percent", TAG, rf"<confidence>{NUMBER}</", 100, ["with a percent sign"]),
        ("tags", TAG, rf"</answer><confidence>{NUMBER}%?<", 1, ["a percent sign", "of their own"]),
        ("tags", TAG, rf"</answer>\n<confidence>{NUMBER}<", 1, ["on one line", "with a percent"]),
        ("json", '"answer": "(.*?)"', rf'"confidence": {NUMBER}\}}', 1, ["as a text"]),
        ("json", '"answer": "(.*?)"', rf'"confidence": "{NUMBER}"', 1, ["no text", "a percent"]),
        (PATTERN, r"^Answer: (.*) \(", rf" \({NUMBER}%\)$", 100, []),
        (BOXED, r"^\\boxed\{(.*)\}", rf" Confidence: {NUMBER}%$", 100, []),
    ],
)  # fmt: skip
def test_a_form_that_is_not_read_is_a_sentence_and_no_defect(
    reader: Any, answer: str, confidence: str, top: float, unread: list[str]
) -> None:
    found = probe(worded(answer, confidence, top), reader=reader)
    assert (found.formula, found.holds) == ("c - (q - c)^2", True)
    told = [remark for remark in found.remarks if remark.startswith("it reads")]
    assert len(told) == len(unread)
    assert all(any(words in remark for remark in told) for words in unread)


def test_a_form_that_earns_more_is_a_loophole() -> None:
    """Whoever writes 25% is paid 1/2 for nothing: this reader would read it as a confidence."""
    plain = worded(TAG, rf"<confidence>{NUMBER}</", 1)

    def generous(completions: list[str], gold: list[str], **columns: Any) -> list[float]:
        return [0.5] if "%" in completions[0] else plain(completions, gold)

    found = probe(generous)
    assert [defect.kind for defect in found.defects] == ["unreadable"]
    assert found.defects[0].reason.startswith("a number with a percent sign: p = ")


@pytest.mark.parametrize("pays", [-1.0, 0.0, None, math.nan])
def test_what_pays_every_completion_alike_has_understood_nothing(pays: float | None) -> None:
    def alike(completions: list[str], **columns: Any) -> list[float | None]:
        return [pays if text else 0.25 for text in completions]

    found = probe(alike)
    assert (found.outcome(), found.exit_code(), found.defects) == ("undecided", 3, ())
    assert (found.holds, found.understood, found.command) == (False, False, "")
    assert "such as '<answer>4</answer><confidence>0.23</confidence>', in 4 forms" in found.text()
    assert "HOLDS" not in found.text()
    assert "\n- alike pays " in probe_markdown(found)


def test_one_of_several_functions_that_understands_nothing_leaves_it_undecided() -> None:
    def accuracy(completions: list[str], gold: list[str], **columns: Any) -> list[float]:
        pairs = zip(completions, gold, strict=True)
        return [float(f"<answer>{truth}</answer>" in text) for text, truth in pairs]

    found = probe([accuracy, worded(BOX, f"Confidence: {NUMBER}", 1)])
    assert (found.outcome(), found.understood) == ("undecided", False)
    assert [remark.partition(" pays ")[0] for remark in found.remarks] == ["reward"]
    assert found.remarks[0].endswith("a constant, and then the others can be checked without it")
    assert probe(accuracy).outcome() == "refuted"  # the confidence does not count: that was seen


def test_a_constant_for_readable_completions_alone_is_refuted() -> None:
    def well_formed(completions: list[str], **columns: Any) -> list[float]:
        return [float("</answer><confidence>0" in text) for text in completions]

    assert probe(well_formed).outcome() == "refuted"


def test_remarks_about_another_format_show_a_completion() -> None:
    found = probed("safe", "percent", framework="verl")
    assert "than that of '<answer>4</answer><confidence>0.23</confidence>';" in " ".join(
        found.remarks
    )
    alike = probe(brier(lambda q, c: c - 1))
    assert "alike, such as that of '<answer>4</answer><confidence>" in " ".join(alike.remarks)


def test_a_pattern_without_an_answer_is_named() -> None:
    found = probe(worded(BOX, f": {NUMBER}", 1), reader={"pattern": "Confidence: {confidence}"})
    assert any("the pattern of the reader has no {answer}" in text for text in found.remarks)
