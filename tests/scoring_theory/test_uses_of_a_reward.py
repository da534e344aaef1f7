"""KL in the reward, best of N, separate credit, confidence first, truncation, MaxRL: each held
against an enumeration or an integral of its own.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, product
from math import prod
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta as beta_distribution
from scipy.stats import truncnorm

from proofs.kernel.subject import Subject
from scoring_theory import check
from scoring_theory.advantage import (
    ALIASES,
    ESTIMATORS,
    TRAINERS,
    Trainer,
    as_trainer,
    effective_advantage,
)
from scoring_theory.advantage.exact_gain import exact_payoffs
from scoring_theory.checking.advantage_clip import unclipped
from scoring_theory.checking.assess import assess
from scoring_theory.checking.confidence_first import confidence_first
from scoring_theory.checking.kl_bias import settled
from scoring_theory.checking.selection import best_of, selected
from scoring_theory.checking.separate_credit import separate_credit
from scoring_theory.checking.truncation import truncation_verdict
from scoring_theory.reward import Reward
from simulations.cli import main

F = Fraction
RLCR, BRIER = Reward.parse("c - (q - c)^2"), Reward.parse("-(q - c)^2")
LOG = Reward.parse("log(1 - abs(q - c))")


# -------------------------------------------------------------------------------- KL in the reward


@pytest.mark.parametrize("beta", [0.2, 0.05, 0.01])
def test_kl_in_the_reward_is_a_cut_normal_distribution_for_brier(beta: float) -> None:
    for p in (0.1, 0.5, 0.9):
        sigma = np.sqrt(beta / 2)
        expected = truncnorm(-p / sigma, (1 - p) / sigma, loc=p, scale=sigma)
        found = settled(RLCR, p, beta)
        assert found.least <= expected.mean() <= found.most
        assert found.most - found.least < 2e-3
        assert found.deviation == pytest.approx(expected.std(), abs=1e-5)


@pytest.mark.parametrize(("reward", "prior"), [(LOG, "Beta(3, 1/2)"), (RLCR, "Beta(1/2, 2)")])
def test_bounds_of_the_mean_hold_against_quadrature(reward: Reward, prior: str) -> None:
    a, b = (float(F(part)) for part in prior[5:-1].split(","))
    p, at_best = 0.3, float(reward.expected_reward(0.3, 0.3))

    def height(mass: float) -> float:
        q = float(np.clip(beta_distribution.ppf(mass, a, b), 1e-300, 1 - 1e-16))
        return float(np.exp((float(reward.expected_reward(p, q)) - at_best) / 0.05))

    weight = quad(height, 0, 1, limit=200)[0]
    mean = quad(lambda m: height(m) * beta_distribution.ppf(m, a, b), 0, 1, limit=200)[0]
    found = settled(reward, p, 0.05, prior)
    assert found.least - 1e-6 <= mean / weight <= found.most + 1e-6


def test_a_penalty_too_small_for_floats_leaves_bounds_that_hold() -> None:
    found = settled(RLCR, 0.3, 1e-16)
    assert found.least <= 0.3 <= found.most <= 1


def test_where_reports_tie_a_penalty_has_no_bias_to_tell() -> None:
    training = check("c", estimator="leave_one_out", kl="1/20").training
    assert training is not None
    assert training.regularised is not None
    assert training.regularised.status == "undecided"


def test_the_penalty_of_rloo_is_no_longer_passed_over() -> None:
    report = check("c - (q - c)^2", estimator="trl_rloo")
    assert report.training is not None
    assert report.training.regularised is not None
    assert report.training.regularised.status == report.outcome() == "refuted"
    assert "p = 0.9: mean 0.830, sd 0.114" in dict(report.training.rows())["KL, prior uniform"]
    within = check("c - (q - c)^2", estimator="trl_rloo", bias=0.08).training
    assert within is not None
    assert within.status == "proved"
    none = check("c - (q - c)^2", estimator="trl_rloo", kl=0)
    assert none.outcome() == "holds"
    unknown = check("c - (q - c)^2", estimator="grpo", kl="1/20").training
    assert unknown is not None
    assert unknown.regularised is not None
    assert unknown.regularised.status == "undecided"


# -------------------------------------------------------------------------------------- best of N


@pytest.mark.parametrize("outcomes", ["independent", "shared"])
@pytest.mark.parametrize("other", [None, F(1, 5)])
def test_the_chance_to_be_the_best_is_that_of_whole_groups(outcomes, other) -> None:
    p, size, subject = F(3, 5), 4, Subject(RLCR.text, {})
    own_p = p if other is None else other
    for report, resident in ((F(1), p), (F(0), p), (p, p), (F(1, 2), F(4, 5))):
        expected = F(0)
        if outcomes == "independent":
            groups = [
                (
                    case,
                    prod(x if c else 1 - x for x, c in zip([own_p, *[p] * 3], case, strict=True)),
                )
                for case in product((0, 1), repeat=size)
            ]
        else:
            cuts = sorted({F(0), F(1), p, own_p})
            groups = [
                (tuple(int(x >= high) for x in [own_p, *[p] * 3]), high - low)
                for low, high in pairwise(cuts)
            ]
        for case, chance in groups:
            paid = [c - (q - c) ** 2 for q, c in zip([report, *[resident] * 3], case, strict=True)]
            expected += chance * F(int(paid[0] == max(paid)), paid.count(max(paid)))
        own, theirs = exact_payoffs(subject, report), exact_payoffs(subject, resident)
        assert own is not None
        assert theirs is not None
        assert selected(own, theirs, p, size, outcomes, other=other) == expected


def test_the_most_daring_report_is_selected() -> None:
    """Theorem 49, and its witness."""
    subject, ends = (
        Subject(RLCR.text, {}),
        [exact_payoffs(Subject(RLCR.text, {}), F(n)) for n in (0, 1)],
    )
    for size in (2, 3, 8):
        for p in (F(1, 20), F(1, size), F(2, 5), F(19, 20)):
            truth = exact_payoffs(subject, p)
            assert truth is not None
            chances = [selected(end, truth, p, size, "independent") for end in ends if end]
            assert chances == [(1 - p) ** (size - 1), p]
            assert max(chances) > F(1, size) or size == 2
            assert selected(truth, truth, p, size, "independent") == F(1, size)
    found = best_of(BRIER, 4)
    assert found.replaces["strictly proper"].witness == {
        "p": "3/4", "report": "1", "size": "4", "outcomes": "independent",
        "kept": "3/4", "truth_kept": "1/4",
    }  # fmt: skip
    assert best_of(Reward.parse("c"), 4).replaces["proper"].status == "proved"
    lam = Reward.parse("c - lam*(q - c)^2", lam="0 < lam <= 1")
    assert best_of(lam, 4).replaces["jointly optimal"].status == "refuted"
    with pytest.raises(ValueError, match="at least 2"):
        best_of(BRIER, 1)


# --------------------------------------------------------------- separate credit, confidence first


@pytest.mark.parametrize("score", [LOG, Reward.parse("-5*(q - c)^2")])
def test_separate_credit_has_no_critical_weight(score: Reward) -> None:
    assert check(f"c + {score.text}").jointly_optimal.status == "refuted"
    found = separate_credit(Reward.parse("c"), score)
    assert {verdict.status for verdict in found.replaces.values()} == {"proved"}
    assert "measured, not proved" in dict(found.rows)["assumption"]
    improper = separate_credit(Reward.parse("c"), Reward.parse("-abs(q - c)"))
    assert improper.replaces["jointly optimal"].status == "refuted"
    backwards = separate_credit(Reward.parse("-c"), score).replaces["jointly optimal"]
    assert backwards.witness == {"wrong_pays": "0", "right_pays": "-1"}
    assert separate_credit(RLCR, score).replaces["jointly optimal"].status == "undecided"


def test_confidence_first_is_about_the_mixture() -> None:
    """Theorem 51 by enumerating policies of two answers on a grid."""
    truth, grid = np.array([0.9, 0.3]), np.linspace(0, 1, 101)
    for share in (0.0, 0.25, 0.5, 1.0):
        policy = np.array([share, 1 - share])
        earned = [sum(policy * [RLCR.expected_reward(p, q) for p in truth]) for q in grid]
        assert grid[int(np.argmax(earned))] == pytest.approx(policy @ truth, abs=0.005)
    data = confidence_first(check("c - (q - c)^2")).data
    mixture, late = 0.5**2, (0.1**2 + 0.9**2) / 2
    assert float(data["lost"]) == pytest.approx(late - mixture)
    assert confidence_first(check("c + log(1 - abs(q - c))")).data["lost"] is not None
    assert confidence_first(check("-abs(q - c)")).data["lost"] is None


# --------------------------------------------------------------------------- truncation and MaxRL


def test_a_multiplied_penalty_is_a_loophole_where_rewards_are_negative() -> None:
    for text, status in (("-(q - c)^2", "refuted"), ("c - (q - c)^2", "proved"),
                         ("c - 2*(q - c)^2", "refuted"), ("1 - (q - c)^2", "undecided"),
                         ("c - (q - c)^2 - 1", "refuted")):  # fmt: skip
        training = check(text, estimator="rloo", truncated=0.5).training
        assert training is not None
        assert training.unread["truncated"].status == status, text
        witness = training.unread["truncated"].witness
        if witness:
            p = float(F(witness["p"]))
            honest = float(Reward.parse(text).expected_reward(p, p))
            assert honest == pytest.approx(float(F(witness["honest_pays"])))
            assert 0.5 * honest > honest
    assert check("-(q - c)^2", estimator="rloo", truncated=1).training.unread["truncated"]
    with pytest.raises(ValueError, match=r"`truncated` must lie in \[0, 1\], got 3/2"):
        check("c", truncated="3/2")


def test_maxrl_is_for_rewards_of_zero_and_one() -> None:
    """Theorem 53: odds(q) = odds(p) g(q) / f(q) where all payoffs are positive."""
    assert check("c", estimator="maxrl", allow_weak=True).training.honest.status == "proved"
    assert check("c - (q - c)^2", estimator="maxrl").training.honest.status == "refuted"
    reward, p, levels = Reward.parse("3 + c - (q - c)^2"), 0.7, np.linspace(0, 1, 201)
    found = effective_advantage(reward, p, levels, estimator="maxrl", outcomes="shared")
    (stable,) = found.stable
    wrong, right = reward.table([stable])[:, 0]
    assert stable / (1 - stable) == pytest.approx(p / (1 - p) * wrong / right, rel=0.05)


# ------------------------------------------------------------------------------ presets and options


@pytest.mark.parametrize(
    ("name", "estimator", "size"),
    [
        ("nemo_rl", "leave_one_out_std", 16), ("NeMo-RL", "leave_one_out_std", 16),
        ("trl", "group_std", 8), ("verl", "group_std", 8), ("openrlhf", "batch_std", 8),
        ("dapo", "group_std", 16), ("gspo", "group_std", 8), ("reinforce++", "whitened", 8),
        ("skyrl", "group_std", 5), ("prime-rl", "group_mean", 8), ("slime", "group_std", 8),
        ("areal", "none", 8), ("roll", "group_std", 8), ("open-instruct", "group_mean", 4),
        ("tinker", "group_mean", 8), ("ms-swift", "group_std", 8), ("opo", "group_mean", 8),
    ],
)  # fmt: skip
def test_the_names_that_are_tried_first_are_known(name: str, estimator: str, size: int) -> None:
    trainer = as_trainer(name)
    assert (trainer.estimator, trainer.group_size) == (estimator, size)


def test_clips_that_are_never_reached_change_nothing() -> None:
    for name in ("openrlhf_rloo", "openrlhf_dr_grpo", "openrlhf_group_norm"):
        training = check("c - (q - c)^2", estimator=name, kl=0).training
        assert training is not None
        plain = assess(check("c - (q - c)^2"), as_trainer(name, kl=0), "independent")
        assert training.honest == plain.honest
        assert "clips nothing" in dict(training.remarks)["advantage clip"]
    tight = assess(
        check("c - (q - c)^2"), Trainer(advantage_clip=(F(-1, 2), F(1, 2))), "independent"
    )
    assert tight.honest.status == "refuted"


def test_what_an_advantage_can_reach_is_bounded_by_its_estimator() -> None:
    """Payoffs of RLCR lie in [-1, 1]: a group of 8 has advantages up to 7/4, standardised ones up
    to 7/sqrt(8) = 2.47; the range of an improper reward is measured only.
    """
    rlcr, bold = check("c - (q - c)^2"), check("c - abs(q - c)")
    for report, estimator, end, clips in (
        (rlcr, "group_mean", F(2), False),
        (rlcr, "group_mean", F(7, 4), True),
        (rlcr, "group_std", F(2), True),
        (rlcr, "group_std", F(5, 2), False),
        (bold, "group_mean", F(10), True),
    ):
        trainer = Trainer(estimator=estimator, group_size=8, advantage_clip=(-end, end))
        assert (unclipped(report, trainer)[0].advantage_clip is not None) == clips


def test_only_an_estimator_without_a_bound_is_warned_of() -> None:
    for options, warned in (
        ({"estimator": "leave_one_out_std"}, True),
        ({"estimator": "leave_one_out_std", "advantage_clip": (-3, 3)}, False),
        ({"estimator": "leave_one_out"}, False),
    ):
        training = check("c", group_size=4, **options).training
        assert training is not None
        assert ("unbounded" in dict(training.remarks)) == warned


def test_a_filter_of_mixed_groups_rewards_another_answer_where_outcomes_are_shared() -> None:
    """What is proved for independent outcomes is not claimed for others."""
    for outcomes, accurate in (
        ("independent", "proved"), ("shared", "undecided"), ("by_answer", "refuted")
    ):  # fmt: skip
        training = check(
            RLCR, estimator="leave_one_out", keep_outcomes="mixed", group_size=4, outcomes=outcomes
        ).training
        assert training is not None
        assert (training.honest.status, training.accurate.status) == ("refuted", accurate)


def test_truncation_of_an_improper_reward_is_undecided() -> None:
    verdict = truncation_verdict(
        F(1, 2), check("-abs(q - c)"), Trainer(estimator="leave_one_out"), "independent"
    )
    assert verdict.status == "undecided"


def test_components_are_examined_without_a_trainer_unless_credit_is_separate() -> None:
    parts = [("answer", 1, "c"), ("confidence", 1, "-(q - c)^2")]
    assert check(RLCR, components=parts).training is not None
    assert check(RLCR, components=parts, credit="separate").training is None


def test_options_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    for options, code, said in (
        (["--estimator", "verl", "--keep-outcomes", "mixed"], 1, "only mixed groups are kept"),
        (["--estimator", "rloo", "--kl", "0.05", "--prior", "Beta(8,2)"], 1, "prior Beta(8,2)"),
        (["--estimator", "nemo-rl"], 0, "std over G - 2"),
        (["--estimator", "rlcr", "--advantage-clip", "-0.5", "0.5"], 1, "moved to its ends"),
        (["--estimator", "rlcr", "--truncated", "0.5"], 0, "truncated"),
        (["--prior", "uniform"], 2, "--prior needs --kl"),
        (["--estimator", "rloo", "--kl", "0.05", "--prior", "flat"], 2, "`prior` must be"),
        (["--estimator", "global_mean", "--keep-outcomes", "mixed"], 2, '`keep_outcomes` "mixed"'),
    ):
        assert main(["check", "c - (q - c)^2", *options]) == code, options
        out = capsys.readouterr()
        assert said in out.out + out.err


def test_uses_of_a_reward_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    for options, code, said in (
        (["c - (q - c)^2", "--select", "best", "--group-size", "4"], 1, "with probability 3/4"),
        (["--credit", "separate", "--answer-reward", "c", "--confidence-reward",
          "log(1 - abs(q - c))"], 0, "at every weight of the score"),
        (["c - (q - c)^2", "--confidence-first"], 0, "not about the answer that follows"),
        (["c - (q - c)^2", "--select", "best"], 2, "--select needs --group-size"),
        (["--credit", "separate", "--answer-reward", "c"], 2, "needs --answer-reward and"),
        (["c", "--answer-reward", "c"], 2, "need --credit separate"),
    ):  # fmt: skip
        assert main(["check", *options]) == code, options
        out = capsys.readouterr()
        assert said in " ".join((out.out + out.err).split())


def test_separate_credit_with_a_trainer_judges_each_part() -> None:
    parts = [("answer", 1, "c"), ("confidence", 2, "log(1 - abs(q - c))")]
    total = "c + 2*log(1 - abs(q - c))"
    plain = check(total, components=parts, credit="separate")
    assert plain.outcome() == "holds"
    loo = check(total, components=parts, credit="separate", estimator="rloo")
    assert loo.outcome() == "holds"
    std = check(total, components=parts, credit="separate", estimator="grpo").training
    assert std is not None
    assert (std.honest.status, std.accurate.status) == ("refuted", "proved")
    for bad, said in (
        ({"components": parts[:1]}, "two components, named 'answer' and 'confidence', got answer"),
        ({"components": [("answer", -1, "c"), parts[1]]}, "weights of separate credit"),
        ({"credit": "shared"}, "`credit` must be 'separate'"),
        ({"credit": None, "select": "worst", "group_size": 4}, "`select` must be 'best'"),
        ({"credit": None, "select": "best"}, "`select` needs `group_size`"),
    ):
        with pytest.raises(ValueError, match=said):
            check(total, **{"components": parts, "credit": "separate", **bad})


def test_the_page_names_every_trainer() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "trainers.md").read_text("utf-8")
    missing = [name for name in TRAINERS if f"`{name}`" not in page]
    assert not missing, f"add {missing} to the table 'Trainers by name' of docs/trainers.md"
    assert all(stands_for in {**TRAINERS, **ESTIMATORS} for stands_for in ALIASES.values())
