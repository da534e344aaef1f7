"""`check` with a trainer: verdicts with witnesses, what must be rejected, JSON, words and exit
codes.
"""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import sqrt

import numpy as np
import pytest
from hypothesis import given

from scoring_theory import check
from scoring_theory.advantage import (
    TRAINERS,
    Trainer,
    as_trainer,
    effective_advantage,
    smallest_group_size,
)
from scoring_theory.checking import deviations
from scoring_theory.checking.assess import assess
from scoring_theory.reward import Reward
from simulations.cli import main
from tests.support.examples import examples
from tests.support.strategies import rules

R = Reward.parse
RLCR = "c - (q - c)^2"
PARTS = [("correct", 1, R("c")), ("brier", 1, R("-(q - c)^2"))]


def witnessed_gain(reward: Reward, witness: dict[str, str]) -> float:
    """The gain of a witness under the group's standard deviation (ddof 1, epsilon 0), group by
    group.
    """
    p, q, x = (float(Fraction(witness[name])) for name in ("p", "resident", "deviation"))
    own, size = (
        float(Fraction(witness.get("p_of_deviation", witness["p"]))),
        int(witness["group_size"]),
    )
    same = "p_of_deviation" not in witness
    total = 0.0
    for case in product((0, 1), repeat=size):
        chance = float(
            np.prod(
                [a if c else 1 - a for a, c in zip([own] + [p] * (size - 1), case, strict=True)]
            )
        )
        if witness["outcomes"] != "independent":
            if len(set(case[1:])) > 1 or (same and case[0] != case[1]):
                continue
            others = p if case[1] else 1 - p
            chance = others * (1.0 if same else (own if case[0] else 1 - own))
        paid = reward.payoff([x] + [q] * (size - 1), case)
        std = paid.std(ddof=1)
        total += chance * (paid[0] - paid.mean()) / std if std > 1e-12 else 0.0
    return total


@pytest.mark.parametrize("outcomes", ["independent", "by_answer"])
@pytest.mark.parametrize(
    "text", [RLCR, "5*c - (q - c)^2", "c + log(1 - abs(q - c))", "q + (1 - c)*log(1 - q)"]
)
def test_witnesses_against_the_groups_spread_hold_by_hand(text: str, outcomes: str) -> None:
    training = check(text, estimator="grpo", outcomes=outcomes, group_size=4).training
    for verdict in (training.honest, training.accurate):
        assert verdict.status == "refuted"
        least = float(Fraction(verdict.witness["gain_at_least"]))
        assert 0 < least <= witnessed_gain(R(text), dict(verdict.witness)) <= 1.01 * least + 1e-12


@examples(8)
@given(rule=rules())
def test_what_becomes_of_every_rule_of_the_catalogue(rule) -> None:
    """Affine estimators inherit verdict, witness and certificate; the group's spread undoes every
    strict rule.
    """
    alone = check(R("c") + rule[1])
    for estimator in ("none", "dr_grpo", "rloo", "trl_batch"):
        training = assess(alone, as_trainer(estimator), "by_answer")
        assert (training.honest.status, training.honest.certificate) == (
            alone.proper.status,
            alone.proper.certificate,
        )
        assert training.accurate.witness == alone.jointly_optimal.witness
        assert replace(alone, training=training).outcome() == alone.outcome()
    if rule[0].proper == "strict":
        for outcomes in ("independent", "by_answer"):
            assert assess(alone, as_trainer("trl_default"), outcomes).honest.status == "refuted"


def test_improper_rewards_stay_refuted_and_binary_is_not_blamed() -> None:
    assert check("-abs(q - c)", estimator="group_mean").training.honest.status == "refuted"
    binary = check("c", estimator="grpo", outcomes="by_answer")
    assert binary.training.status == "proved"
    assert (binary.outcome(), replace(binary, allow_weak=True).outcome()) == ("refuted", "holds")
    assert (
        check("-c", estimator="grpo").training.accurate.status != "proved"
    )  # nothing may prove that wrong pays


def test_honesty_and_accuracy_are_inherited_apart() -> None:
    training = check("c + log(1 - abs(q - c))", estimator="rlcr").training
    assert (training.honest.status, training.accurate.status) == ("proved", "refuted")


def test_floats_propose_and_do_not_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if every deviation is proposed, the enclosures accept none that does not gain."""
    monkeypatch.setattr(deviations, "_LEAST", -10.0)
    honest = deviations.Search([(Fraction(1), R(RLCR))], as_trainer("group_mean"), "independent")
    assert honest.dishonest_report() is None
    assert honest.worse_answer() is None
    # A payment that beats honesty at p = 1/2 by 5e-14 is too little for floats to see: no proof,
    # though no witness.
    assert check(RLCR, missing="c - 1/4 + c/10^13").training.unread["missing"].status == "undecided"


def test_a_parameter_is_refuted_by_one_of_its_values() -> None:
    report = check("c - lam*(q - c)^2", estimator="grpo", outcomes="shared", lam="0 < lam <= 1")
    assert report.training.honest.reason.startswith("lam = 1, p = 3/4")
    assert report.training.honest.witness["lam"] == "1"
    assert report.training.predictions == ()


def test_predictions_are_those_of_the_prototype() -> None:
    """Brier and 11 levels, p = .7: groups of 4 and 8 end at 1, of 16 at .8, of 32 and 64 at the
    truth.
    """
    for size, end in ((4, 1.0), (8, 1.0), (16, 0.8), (32, 0.7), (64, 0.7)):
        found = {
            one.success_probability: one
            for one in check(RLCR, estimator="trl_default", group_size=size).training.predictions
        }
        assert found[0.7].stable == pytest.approx((end,))
        assert found[0.7].bias == pytest.approx((end - 0.7,))
    assert found[0.3].stable == pytest.approx(
        (0.0, 0.3)
    )  # margin 0: a second home on hard questions, at G = 64


def test_the_smallest_group_is_small_enough_and_the_one_before_is_not() -> None:
    size = smallest_group_size(R(RLCR), [0.6, 0.7], 0.05, estimator="trl_default")
    for group, fits in ((size, True), (size - 1, False)):
        trainer = as_trainer("trl_default", group_size=group)
        ends = [
            effective_advantage(R(RLCR), p, np.arange(11) / 10, estimator=trainer).bias
            for p in (0.6, 0.7)
        ]
        assert all(bias.size and np.abs(bias).max() <= 0.05 for bias in ends) == fits
    assert smallest_group_size(R("-(q - c)^2"), 0.3, 0.05, estimator="group_mean") == 2
    with pytest.raises(ValueError, match="`bound` must be positive, got 0"):
        smallest_group_size(R(RLCR), 0.7, 0, estimator="grpo")
    with pytest.raises(
        ValueError, match="`success_probability` must hold at least one p, got none"
    ):
        smallest_group_size(R(RLCR), [], 0.05, estimator="grpo")


@pytest.mark.parametrize(("most", "size"), [(21, None), (22, 22), (23, 22), (64, 22)])
def test_the_search_for_a_group_size_ends_where_it_was_told_to(most: int, size: int | None) -> None:
    """22 by trying every size; `most` need not be a power of two."""
    tried = [
        effective_advantage(
            R("-(q - c)^2"), 0.7, np.arange(11) / 10, estimator="grpo", group_size=n
        ).bias
        for n in range(17, 23)
    ]
    assert [bool(bias.size) and bool(np.abs(bias).max() <= 0.05) for bias in tried] == [
        False
    ] * 5 + [True]
    assert smallest_group_size(R("-(q - c)^2"), 0.7, 0.05, estimator="grpo", most=most) == size


# ------------------------------------------------------------------------- an unreadable confidence


@pytest.mark.parametrize(
    ("text", "estimator", "missing", "status", "said"),
    [
        (RLCR, "rlcr", 0, "proved", "the confidence 0 earns no less"),
        (RLCR, "rlcr", "c", "refuted", "p = 1/2: it earns 1/2, the truthful report 1/4"),
        (RLCR, "rlcr", "1/1000", "refuted", "p = 0: it earns 1/1000, the truthful report 0"),
        (
            RLCR,
            "rlcr",
            "c - 1/4",
            "proved",
            "the confidence 1/2 earns no less",
        ),  # tangent: V - u = (p - 1/2)^2
        (
            RLCR,
            "rlcr",
            "c - 249/1000",
            "refuted",
            "p = 1/2: it earns 251/1000, the truthful report 1/4",
        ),
        ("c/2 + (1 - (q - c)^2)/2", "rlcr", 0, "proved", "the confidence 0 earns no less"),
        (RLCR, "grpo", -1, "proved", "no more than the worst payoff"),
        (RLCR, "grpo", 0, "refuted", "omitting the confidence gains"),
        (RLCR, "grpo", "nan", "refuted", "makes the mean of its group NaN"),
        (RLCR, "trl_default", "nan", "proved", "left out of its group"),
        ("c + log(1 - abs(q - c))", "rlcr", -30, "proved", "earns no less"),
        ("c + log(1 - abs(q - c))", "rlcr", 0, "refuted", "the truthful report"),
    ],
)
def test_what_a_missing_confidence_earns(text, estimator, missing, status, said) -> None:
    for name in ("missing", "malformed"):
        verdict = check(
            text, estimator=estimator, outcomes="by_answer", **{name: missing}
        ).training.unread[name]
        assert (verdict.status, said in verdict.reason) == (status, True), verdict.reason


def test_a_loophole_needs_no_trainer() -> None:
    report = check(RLCR, missing="c")
    assert (report.outcome(), report.training.trainer.estimator) == ("refuted", "none")
    assert "NOT PRESERVED IN TRAINING (loophole: omitting the confidence" in report.headline()
    witness = report.training.unread["missing"].witness
    assert witness == {"p": "1/2", "omission_pays": "1/2", "honest_pays": "1/4"}


def test_a_filter_makes_omission_an_open_question() -> None:
    # Omission may push a group's mean out of the range, so neither argument for a proof holds.
    for estimator, keep, missing in (("group_mean", (-2, 2), -5), ("grpo", (0, 1), -1)):
        training = check(RLCR, estimator=estimator, keep=keep, missing=missing).training
        assert training.unread["missing"].status != "proved"


def test_parts_that_cancel_are_not_flat_once_normalised() -> None:
    parts = [("correct", 1, R("c")), ("up", 2, R("q")), ("down", -1, R("2*q"))]
    training = check("c", estimator="gdpo", components=parts).training
    assert training.honest.status == "refuted"  # 2 z - z = z: stating more is reinforced


# ------------------------------------------------------------- components, clipping, dropped groups


def test_a_trainer_of_components_takes_those_that_are_given() -> None:
    training = check(RLCR, estimator="component_std", components=PARTS, group_size=4).training
    assert training.honest.status == "refuted"
    with pytest.raises(ValueError, match="give `components`"):
        check(RLCR, estimator="component_std", group_size=4)


def test_logging_terms_are_named() -> None:
    parts = [("accuracy", Fraction(1, 2), R("c")), ("brier", Fraction(1, 2), R("1 - (q - c)^2")),
             ("mean_confidence", Fraction(1, 10**6), R("q"))]  # fmt: skip
    report = check("c/2 + (1 - (q - c)^2)/2 + q/10^6", estimator="rlcr", components=parts)
    assert report.training.components.status == "refuted"
    assert report.training.components.reason.startswith(
        "without mean_confidence the reward is proper"
    )
    harmless = [*parts[:2], ("length", Fraction(1, 10**6), R("1"))]
    report = check("c/2 + (1 - (q - c)^2)/2 + 1/10^6", estimator="rlcr", components=harmless)
    assert report.training.components.status == "proved"
    assert report.outcome() == "holds"


def test_a_logging_term_is_not_blamed_for_an_improper_reward() -> None:
    parts = [("distance", 1, R("-abs(q - c)")), ("mean_confidence", Fraction(1, 10**6), R("q"))]
    report = check("-abs(q - c) + q/10^6", estimator="rlcr", components=parts)
    assert (report.proper.status, report.training.components.status) == ("refuted", "undecided")


def test_components_must_add_up_and_gdpo_needs_them() -> None:
    with pytest.raises(ValueError, match=r"add up to 'c - \(q - c\)\^2', not to the reward 'c'"):
        check("c", estimator="gdpo", components=PARTS)
    mixed = R("-lam*(q - c)^2", lam="0 < lam <= 1")
    for twice, adds_up in (
        (1, True),
        (2, False),
    ):  # equality of rewards is up to scale; adding up is not
        parts = [("right", twice, R("c")), ("brier", twice, mixed)]
        told = (
            nullcontext()
            if adds_up
            else pytest.raises(ValueError, match="the components add up to '2")
        )
        with told:
            check("c - lam*(q - c)^2", lam="0 < lam <= 1", estimator="gdpo", components=parts)
    with pytest.raises(ValueError, match="give `components`"):
        check(RLCR, estimator="gdpo")
    report = check(RLCR, estimator="gdpo", components=PARTS)
    assert {report.training.honest.status, report.training.accurate.status} == {"refuted"}


def test_clipping_is_part_of_the_reward() -> None:
    wide = check(RLCR, estimator="group_mean", clip=(-1, 1))
    assert (wide.clipped, wide.outcome()) == (None, "holds")
    paid = check(RLCR, estimator="group_mean", clip=(-1, 1), missing="2*c").training.unread[
        "missing"
    ]
    assert (
        paid.witness["omission_pays"] == "1/2"
    )  # at p = 1/2: what omission earns is clipped to 1 as well
    narrow = check(RLCR, estimator="group_mean", clip=(-0.5, 1))
    assert narrow.proper.status == "proved"
    assert (
        narrow.training.honest.status == "refuted"
    )  # what is worse than -1/2 is free: sure reports cost less
    assert narrow.outcome() == "refuted"


def test_filters_made_for_zero_and_one() -> None:
    report = check(RLCR, estimator="group_mean", outcomes="shared", keep=(0, 1))
    assert report.training.filtering.witness == {
        "p": "1/2",
        "right": "0",
        "group_size": "8",
        "mean": "-1/4",
    }
    assert report.training.honest.status == "refuted"
    for ends in ((0, 2), (-2, Fraction(1, 2))):
        assert check(RLCR, estimator="group_mean", keep=ends).training.filtering.status == "refuted"
    wide = check(RLCR, estimator="group_mean", keep=(-2, 2))
    assert wide.training.filtering.status == "proved"
    assert wide.outcome() == "holds"


# ----------------------------------------------------------------------------------------- trainers


def test_every_trainer_says_where_its_numbers_are_from() -> None:
    assert all(trainer.source and trainer.name for trainer in TRAINERS.values())
    for name, estimator, size, epsilon in (
        ("trl_default", "group_std", 8, 1e-4), ("verl_default", "group_std", 8, 1e-6),
        ("openrlhf_group_norm", "group_std", 8, 1e-9), ("rlcr", "group_mean", 32, 0.0),
    ):  # fmt: skip
        trainer = TRAINERS[name]
        assert (trainer.estimator, trainer.group_size, float(trainer.epsilon)) == (
            estimator,
            size,
            epsilon,
        )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"estimator": "ppo"}, "`estimator` must be one of none, group_mean, .*, got 'ppo'"),
        ({"estimator": "grpo", "outcomes": "mixed"}, "`outcomes` must be one of .*, got 'mixed'"),
        (
            {"estimator": "grpo", "group_size": 5000},
            "`group_size` must lie between 2 and 1024, got 5000",
        ),
        ({"estimator": "grpo", "group_size": 8.0}, "`group_size` must be a whole number, got 8.0"),
        ({"estimator": "grpo", "group_size": "8"}, "`group_size` must be a whole number, got '8'"),
        (
            {"estimator": "grpo", "clip": (1, 0)},
            r"`clip` must be an interval \(low, high\) with low < high, got 1 and 0",
        ),
        ({"estimator": "grpo", "keep": 0}, r"`keep` must be a pair \(low, high\), got 0"),
        ({"estimator": "grpo", "keep": ("x", 1)}, "`keep` must consist of finite numbers, got 'x'"),
        ({"missing": "q"}, "cannot depend on q"),
        ({"missing": "log(0)"}, "must be finite"),
        ({"missing": "__import__('os')"}, "a number, a formula in c or nan"),
    ],
)
def test_bad_options_are_sentences(options, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        check(RLCR, **options)
    with pytest.raises(ValueError, match="`ddof` must be 0 or 1"):
        Trainer(ddof=2)
    with pytest.raises(ValueError, match="`epsilon` must not be negative"):
        as_trainer("grpo", epsilon=-1)


# ----------------------------------------------------------------------------------- words and JSON


def test_the_command_of_the_issue(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [
        "check",
        RLCR,
        "--estimator",
        "trl_default",
        "--outcomes",
        "by_answer",
        "--missing",
        "0",
    ]
    assert main(arguments) == 1
    text = capsys.readouterr().out
    for line in (
        "under this advantage estimator a confidence other than p is reinforced",
        "truthful reporting refuted: p = 3/4",
        "missing            refuted",
    ):
        assert line in text
    assert main([*arguments, "--json"]) == 1
    shown = json.loads(capsys.readouterr().out)
    assert (shown["schema"], shown["verdict"], shown["proper"]["status"]) == (
        2,
        "refuted",
        "proved",
    )
    training = shown["training"]
    assert (training["trainer"]["epsilon"], training["outcomes"], training["status"]) == (
        "1/10000", "by_answer", "refuted",
    )  # fmt: skip
    assert training["predictions"][3] == {
        "success_probability": 0.7,
        "stable": [1.0],
        "bias": [1.0 - 0.7],
    }
    assert main(["check", RLCR, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["training"] is None


def test_a_trainer_that_keeps_the_optimum_is_exit_code_zero(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert (
        main(["check", RLCR, "--estimator", "rlcr", "--group-size", "16", "--missing", "-1"]) == 0
    )
    assert "answer accuracy    proved: the advantage is (1 - 1/G) R" in capsys.readouterr().out
    assert (
        main(
            [
                "check",
                "--component",
                "a:1:c",
                "--component",
                "b:1:-(q - c)^2",
                "--estimator",
                "trl_none",
            ]
        )
        == 0
    )
    assert main(["check", RLCR, "--estimator", "rlcr", "--keep", "0", "1"]) == 1
    assert main(["check", RLCR, "--estimator", "rlcr", "--clip", "-1/2", "1"]) == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("c", "--outcomes", "shared"), "--outcomes needs --estimator"),
        (("c", "--figure", "x"), "give --estimator"),
        (("c", "--component", "a:c"), "NAME:WEIGHT:FORMULA"),
        (
            ("--component", "a:1:c", "--component", "a:1:q", "--estimator", "gdpo"),
            "`a` is given twice",
        ),
        (("c", "--estimator", "grpo", "--group-size", "1"), "a whole number of at least 2"),
        (("c", "--estimator", "grpo", "--clip", "a", "b"), "`clip` must consist of finite numbers"),
    ],
)
def test_bad_input_is_exit_code_two(
    arguments, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *arguments]) == 2
    told = capsys.readouterr()
    assert (told.out, sentence in told.err) == ("", True)


def test_the_two_curves_are_drawn(tmp_path) -> None:
    path = tmp_path / "curves.png"
    assert (
        main(["check", RLCR, "--estimator", "grpo", "--outcomes", "shared", "--figure", str(path)])
        == 1
    )
    assert path.stat().st_size > 10_000
    rows = (tmp_path / "curves.csv").read_text().splitlines()
    assert rows[0] == "reward,success_probability,level,paid,followed"
    drawn = np.array([[float(x) for x in row.rsplit(",", 4)[1:]] for row in rows[1:]])
    easy = drawn[drawn[:, 0] == 0.7]
    # Theorem 29: (2p - 1) kappa sign(q - p) beside the parabola -(q - p)^2.
    assert easy[:, 3] == pytest.approx(0.4 * 7 / sqrt(8) * np.sign(easy[:, 1] - 0.7), abs=1e-9)
    assert easy[:, 2] == pytest.approx(-((easy[:, 1] - 0.7) ** 2), abs=1e-12)


def test_the_least_group_size_is_the_first_that_keeps_stable_reports_near_the_truth() -> None:
    sizes = check("c - (q - c)^2", estimator="trl_default", bias=0.05).training.group_sizes
    assert [p for p, _ in sizes.least] == [0.1, 0.3, 0.5, 0.7, 0.9]
    assert [size for _, size in sizes.least[:2]] == [
        None,
        None,
    ], "q = 0 stays stable on hard questions"
    levels = np.arange(11) / 10
    for p, least in sizes.least[2:]:
        for size in range(2, least + 1):
            found = effective_advantage(
                R(RLCR), p, levels, estimator="trl_default", group_size=size
            )
            kept = found.bias.size > 0 and bool((np.abs(found.bias) <= 0.05 + 1e-9).all())
            assert kept == (size == least), "where nothing is stable, nothing is near"


def test_the_group_size_is_told_in_words_and_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    asked = [
        "check",
        "c - (q - c)^2",
        "--estimator",
        "grpo",
        "--outcomes",
        "shared",
        "--bias",
        "0.05",
    ]
    assert main(asked) == 1
    row = next(
        line for line in capsys.readouterr().out.splitlines() if line.startswith("  group size")
    )
    told = "none up to 256 has stable reports within 0.05 of p, at p = 0.1, 0.3, 0.5, 0.7, 0.9"
    assert row.split(maxsplit=2)[2] == told
    assert main(["check", "c - (q - c)^2", "--estimator", "trl_default", "--bias", "0.05"]) == 1
    told = "p = 0.1: none up to 256; p = 0.3: none up to 256; p = 0.5: 2; p = 0.7: 21; p = 0.9: 63"
    assert f"  {told}  (smallest G with stable reports within 0.05 of p)" in capsys.readouterr().out
    assert main([*asked, "--json"]) == 1
    sizes = json.loads(capsys.readouterr().out)["training"]["group_sizes"]
    assert (sizes["bias"], sizes["most"], sizes["least"][0]) == (0.05, 256, [0.1, None])
    assert check(RLCR, estimator="grpo").training.to_json()["group_sizes"] is None


@pytest.mark.parametrize(
    ("domains", "bias", "said"),
    [
        ({}, 0, "`bias` must be positive, got 0"),
        ({"lam": "lam > 0"}, 0.1, "`bias` needs a reward without free parameters: give 'lam'"),
    ],
)
def test_a_bias_without_meaning_is_refused(domains: dict[str, str], bias: float, said: str) -> None:
    text = "c - lam*(q - c)^2" if domains else RLCR
    with pytest.raises(ValueError, match=said):
        check(text, estimator="grpo", bias=bias, parameters=domains)
