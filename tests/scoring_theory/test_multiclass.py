"""K answers: divergences are what a false report loses, and the three ties of answer and report
behave as stated.
"""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from mpmath import mp, mpf

from scoring_theory.catalogue.multiclass import (
    BRIER,
    LOG,
    RULES,
    SPHERICAL,
    MulticlassRule,
    multiclass_critical_weight,
    normalised,
    simplex,
)
from scoring_theory.checking import check

probabilities = st.lists(st.integers(0, 9), min_size=2, max_size=6).filter(any)
"""Up to normalisation, and with impossible answers."""


def by_definition(rule: str, q: list[Fraction], y: int) -> mpf:
    """S(q, y) as the textbooks write it, outcome by outcome, in 30 digits."""
    stated = [mpf(x.numerator) / x.denominator for x in q]
    match rule:
        case "brier":
            return -mp.fsum((x - int(k == y)) ** 2 for k, x in enumerate(stated))
        case "log":
            return mp.log(stated[y]) if stated[y] else -mp.inf
        case _:
            return stated[y] / mp.sqrt(mp.fsum(x * x for x in stated))


def closed_form(rule: str, p: list[Fraction], q: list[Fraction]) -> mpf:
    """What a false report loses, term by term: a squared distance, a relative entropy, an angle."""
    truth, stated = ([mpf(x.numerator) / x.denominator for x in x_] for x_ in (p, q))
    pairs = list(zip(truth, stated, strict=True))
    match rule:
        case "brier":
            return mp.fsum((a - b) ** 2 for a, b in pairs)
        case "log":
            return (
                mp.inf
                if any(a and not b for a, b in pairs)
                else mp.fsum(a * mp.log(a / b) for a, b in pairs if a)
            )
        case _:
            length = mp.sqrt(mp.fsum(a * a for a in truth))
            cosine = (
                mp.fsum(a * b for a, b in pairs) / length / mp.sqrt(mp.fsum(b * b for b in stated))
            )
            return length * (1 - cosine)


def distribution(whole: list[int]) -> list[Fraction]:
    return [Fraction(x, sum(whole)) for x in whole]


weights = arrays.arrays(
    np.float64, st.shared(st.integers(2, 6), key="k"), elements=st.floats(0.01, 1)
)
rules = st.sampled_from(list(RULES.values()))


@mp.workdps(30)
@given(rule=rules, data=st.data(), p=probabilities)
def test_scores_and_divergences_are_those_of_the_definition(
    rule: MulticlassRule, data: st.DataObject, p: list[int]
) -> None:
    """An independent reading, impossible answers included: S outcome by outcome, E S summed, d in
    closed form.
    """
    q = data.draw(st.lists(st.integers(0, 9), min_size=len(p), max_size=len(p)).filter(any))
    truth, stated = distribution(p), distribution(q)
    p_, q_ = np.array(truth, dtype=float), np.array(stated, dtype=float)
    scores = [by_definition(rule.name, stated, y) for y in range(len(p))]
    assert rule.score(q_).tolist() == pytest.approx([float(x) for x in scores], abs=1e-12)
    expected = mp.fsum(scores[y] * x.numerator / x.denominator for y, x in enumerate(truth) if x)
    assert float(rule.expected_score(p_, q_)) == pytest.approx(float(expected), abs=1e-12)
    for answer, share in enumerate(truth):
        paid = mpf(share.numerator) / share.denominator + 3 * expected
        assert float(rule.expected_reward(p_, q_, answer, weight=3.0)) == pytest.approx(
            float(paid), abs=1e-11
        )
    lost = closed_form(rule.name, truth, stated)
    assert float(rule.divergence(p_, q_)) == pytest.approx(float(lost), abs=1e-12)
    assert float(rule.entropy(p_)) - float(rule.expected_score(p_, q_)) == pytest.approx(
        float(lost), abs=1e-12
    )
    assert (float(rule.divergence(p_, q_)) > 1e-12) == (truth != stated)


IMPROPER = (
    MulticlassRule(
        "linear", lambda q: q, lambda p: (p * p).sum(axis=-1), lambda p, q: p @ p - p @ q, "S = q_y"
    ),
    MulticlassRule(
        "absolute",
        lambda q: 2 * q - 2,
        lambda p: 2 * (p * p).sum(axis=-1) - 2,
        lambda p, q: 2 * (p @ p - p @ q),
        "S = -sum_k |q_k - [y = k]|",
    ),
    MulticlassRule(
        "root",
        lambda q: np.sqrt(q),
        lambda p: (p**1.5).sum(axis=-1),
        lambda p, q: p @ (np.sqrt(p) - np.sqrt(q)),
        "S = q_y^(1/2)",
    ),
)


@pytest.mark.parametrize("foil", IMPROPER, ids=lambda foil: foil.name)
def test_the_lattice_finds_that_a_foil_is_improper(foil: MulticlassRule) -> None:
    """Scores of q_y alone, other than log, lie: linear and absolute name the mode for certain, the
    root overstates.
    """
    best, truth = best_reports(foil, weight=5.0)
    assert truth not in best


def test_two_classes_are_twice_the_binary_rules() -> None:
    """K = 2: -2 (q - c)^2; log of the probability of what happened."""
    for q in (0.0, 0.25, 1.0):
        stated = np.array([q, 1 - q])
        for c in (1, 0):
            assert BRIER.score(stated)[1 - c] == -2 * (q - c) ** 2
            if q == 0.25:
                assert LOG.score(stated)[1 - c] == np.log(q if c else 1 - q)


@given(lam=st.fractions(Fraction(1, 2), 10, max_denominator=20))
def test_log_untied_is_safe_where_the_log_of_the_named_answer_is_not(lam: Fraction) -> None:
    """The witness of ClassTies.top_label_log_fails: mode exp(-2/lam), an impossible class, the rest
    in equal parts.
    """
    mode = np.exp(-2 / float(lam))
    rest = int(np.ceil((1 - mode) / mode))
    p = np.array([0.0, mode, *[(1 - mode) / rest] * rest])
    p /= p.sum()
    assert p.argmax() == 1
    honest = p[1] + float(lam) * (p[1] * np.log(p[1]) + (1 - p[1]) * np.log(1 - p[1]))
    assert honest < 0  # what naming class 0 with confidence 0 earns
    whole = [LOG.expected_reward(p, p, answer, weight=float(lam)) for answer in range(len(p))]
    assert max(whole) == whole[1]


def test_with_several_modes_every_mode_is_optimal_and_nothing_else() -> None:
    """ClassTies.mode_tied_only_the_report: ties leave the answer open, never the report."""
    p = np.array([0.4, 0.2, 0.4])
    for rule in RULES.values():
        honest = [float(rule.expected_reward(p, p, a, weight=3.0)) for a in range(3)]
        assert honest[0] == honest[2] > honest[1]
        for q in ([0.5, 0.1, 0.4], [0.4, 0.3, 0.3], [0.45, 0.1, 0.45]):
            assert all(
                rule.expected_reward(p, q, a, weight=3.0) < honest[0] - 1e-6 for a in range(3)
            )


@given(rule=rules, p=weights, q=weights)
def test_the_divergence_is_exactly_what_a_false_report_loses(
    rule: MulticlassRule, p: np.ndarray, q: np.ndarray
) -> None:
    p, q = p / p.sum(), q / q.sum()
    lost = rule.expected_score(p, p) - rule.expected_score(p, q)
    assert lost == pytest.approx(rule.divergence(p, q), abs=1e-12)
    assert rule.expected_score(p, p) == pytest.approx(rule.entropy(p), abs=1e-12)
    assert lost >= -1e-15


@given(rule=rules, p=weights, q=weights, lam=st.floats(0, 100))
def test_no_answer_and_report_beat_the_mode_with_the_truth(
    rule: MulticlassRule, p: np.ndarray, q: np.ndarray, lam: float
) -> None:
    """Untied and tied to the mode, at every weight."""
    p, q = p / p.sum(), q / q.sum()
    honest = rule.expected_reward(p, p, int(p.argmax()), weight=lam)
    for answer in range(len(p)):
        assert rule.expected_reward(p, q, answer, weight=lam) <= honest + 1e-9 * (1 + lam)
    assert rule.expected_reward(p, q, int(q.argmax()), weight=lam) <= honest + 1e-9 * (1 + lam)


def best_reports(
    rule: MulticlassRule, *, weight: float
) -> tuple[list[tuple[float, ...]], tuple[float, ...]]:
    """The reports with denominator 10 that earn the most when the answer is their mode, and the
    truth.
    """
    p = np.array([0.2, 0.3, 0.5])
    reports = [np.array(x) / 10 for x in itertools.product(range(11), repeat=3) if sum(x) == 10]
    paid = [float(rule.expected_reward(p, q, int(q.argmax()), weight=weight)) for q in reports]
    return [tuple(q) for q, x in zip(reports, paid, strict=True) if x > max(paid) - 1e-12], tuple(p)


def test_on_a_lattice_only_the_truth_is_best() -> None:
    """Exhaustive over reports with denominator 10, truth (1/5, 3/10, 1/2), weight 5 (above the
    binary lam* = 1).
    """
    for rule in (BRIER, SPHERICAL, LOG):
        best, truth = best_reports(rule, weight=5.0)
        assert best == [truth]


def test_top_label_scoring_is_the_binary_case_and_fails_above_its_critical_weight() -> None:
    """Truth (2/5, 2/5, 1/5, 0): naming the hopeless answer with q = 0 beats the honest 2/5 at
    weight 5.
    """
    report = check("c - 5*(q - c)^2")
    assert report.global_failure_below is not None
    assert report.global_failure_below.exact == "4/5"
    p = np.array([0.4, 0.4, 0.2, 0.0])
    honest = p.max() - 5 * p.max() * (1 - p.max())
    assert honest < 0
    assert multiclass_critical_weight("top label", binary_critical_weight=1.0) == 1.0
    assert multiclass_critical_weight("untied", binary_critical_weight=1.0) == float("inf")


@pytest.mark.parametrize(
    ("answers", "tied"), [(2, False), (3, False), (3, True), (4, False), (4, True)]
)
def test_with_k_answers_the_top_label_of_brier_is_safe_beyond_its_binary_weight(
    answers: int, tied: bool
) -> None:
    """Exact fractions on a lattice: safe at (K-1)/(K-2), or K/(K-2) when tied, unsafe a little
    above (ClassTies.v).
    """
    steps = 2 * answers * (answers - 1)
    shares = itertools.combinations_with_replacement(range(steps + 1), answers)
    lattice = [[Fraction(x, steps) for x in share] for share in shares if sum(share) == steps]

    def least_advantage(lam: Fraction) -> Fraction:
        def reward(p: Fraction, q: Fraction) -> Fraction:
            return p - lam * (p * (1 - q) ** 2 + (1 - p) * q**2)

        floor = Fraction(int(tied), answers)
        return min(
            reward(max(ps), max(ps)) - reward(p, max(p, floor)) for ps in lattice for p in ps
        )

    if answers == 2:
        assert least_advantage(Fraction(1000)) >= 0
        return
    limit = Fraction(answers if tied else answers - 1, answers - 2)
    assert least_advantage(limit) == 0
    assert least_advantage(limit * Fraction(5, 4)) < 0


def test_certain_truth_with_log_is_not_nan() -> None:
    assert LOG.expected_score([1.0, 0.0], [1.0, 0.0]) == 0.0
    assert LOG.expected_score([0.5, 0.5], [1.0, 0.0]) == -np.inf


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ([0.5, 0.6], "sum to 1"),
        ([-0.1, 1.1], ">= 0"),
        ([np.nan, 1.0], "finite"),
        ([1.0], "at least two"),
    ],
)
def test_what_is_no_distribution_is_refused(bad: list[float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        simplex(bad, "q")


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="weight"):
        BRIER.expected_reward([0.5, 0.5], [0.5, 0.5], 0, weight=-1)
    with pytest.raises(ValueError, match="answer"):
        BRIER.expected_reward([0.5, 0.5], [0.5, 0.5], 2, weight=1)
    with pytest.raises(ValueError, match="tie"):
        multiclass_critical_weight("none", binary_critical_weight=1.0)  # type: ignore[arg-type]


ROUNDED = [0.14, 0.38, 0.4, 0.04, 0.05]  # sums to 1.01


def test_rounded_probabilities_are_refused_with_advice_and_normalised_on_request() -> None:
    with pytest.raises(ValueError, match=r"sum to 1, got 1\.01.*normalise=True"):
        simplex(ROUNDED, "q")
    exact = [Fraction(str(x)) for x in ROUNDED]
    right = [float(x / sum(exact)) for x in exact]
    told = (
        r"`q`: 1 of 1 distributions did not sum to 1 \(sums from 1\.01 to 1\.01\) and was divided"
    )
    with pytest.warns(UserWarning, match=told):
        assert simplex(ROUNDED, "q", normalise=True).tolist() == pytest.approx(right, abs=1e-15)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_a_log_of_rounded_distributions_has_a_mean_score_that_says_what_was_done(
    rule: MulticlassRule,
) -> None:
    q, y = [ROUNDED, [0.2] * 5, [0.3, 0.3, 0.3, 0.0, 0.0]], [2, 0, 1]
    found = rule.mean_score(q, y, normalise=True)
    fractions = [[Fraction(str(x)) for x in row] for row in q]
    scores = [
        by_definition(rule.name, [x / sum(row) for x in row], k)
        for row, k in zip(fractions, y, strict=True)
    ]
    assert found.value == pytest.approx(float(sum(scores) / 3), abs=1e-15)
    assert (found.rows, found.stated.rows, found.stated.changed) == (3, 3, 2)
    assert (found.stated.least_sum, found.stated.largest_sum) == pytest.approx((0.9, 1.01))
    assert "2 of 3 distributions did not sum to 1 (sums from 0.9 to 1.01)" in str(found)


def test_rows_that_sum_to_1_keep_their_bits_and_nothing_is_said() -> None:
    q = [[0.1, 0.2, 0.7], [0.3, 0.3, 0.4]]
    found = normalised(q, "q")
    assert found.probabilities.tolist() == q
    assert str(found) == "all 2 distributions sum to 1"
    assert LOG.mean_score(q, [0, 1], normalise=True).value == LOG.mean_score(q, [0, 1]).value
    assert ";" not in str(LOG.mean_score(q, [0, 1], normalise=True))


def test_methods_that_expect_normalise_both_distributions() -> None:
    p = [0.3, 0.3, 0.3]
    for rule in RULES.values():
        with pytest.warns(UserWarning, match=r"`[pq]`: 1 of 1"):
            score = rule.expected_score(p, p, normalise=True)
        assert score == pytest.approx(rule.entropy(np.full(3, 1 / 3)), abs=1e-15)
        with pytest.warns(UserWarning, match=r"`q`: 1 of 1"):
            paid = rule.expected_reward([1 / 3] * 3, p, 0, weight=2.0, normalise=True)
        assert paid == pytest.approx(1 / 3 + 2 * float(score), abs=1e-15)


@pytest.mark.parametrize(
    "bad", [[14, 38, 48], [0.2, 0.2, 0.2], [0.0, 0.0], [-0.1, 1.1], [np.nan, 1]]
)
def test_what_rounding_does_not_explain_is_not_normalised(bad: list[float]) -> None:
    with pytest.raises(ValueError, match=r"up to rounding|>= 0 and finite"):
        normalised(bad, "q")


@pytest.mark.parametrize(
    ("q", "y"),
    [
        ([[0.5, 0.5]], [2]),
        ([[0.5, 0.5]], [0, 1]),
        ([0.5, 0.5], [0]),
        ([[0.5, 0.5]], [0.0]),
        (np.empty((0, 2)), np.empty(0, dtype=int)),
    ],
)
def test_a_log_needs_one_outcome_for_each_row(q: object, y: object) -> None:
    with pytest.raises(ValueError, match="`outcome`"):
        BRIER.mean_score(q, y)  # type: ignore[arg-type]
