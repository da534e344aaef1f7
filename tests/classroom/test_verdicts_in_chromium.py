"""Verdicts, plots and the game of the page, in a headless Chromium, against `check`."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from scoring_theory.catalogue import CATALOGUE, correctness
from scoring_theory.catalogue.words import parse_reward
from scoring_theory.checking import check
from scoring_theory.reward import Reward

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow


def verdict(page: Page) -> str:
    return f"{page.text_content('#verdict')} {page.text_content('#proof')}"


def weighted(key: str, lam: Fraction) -> Reward:
    entry = CATALOGUE[key]
    score = entry.reward if entry.role == "score" else entry.reward - correctness
    return correctness + score * lam


@pytest.mark.parametrize("lam", ["1/4", "1", "5/4", "3"])
def test_the_verdict_on_every_entry_at_every_weight_is_that_of_check(page: Page, lam: str) -> None:
    weight = Fraction(lam)
    for key in CATALOGUE:
        page.evaluate("key => RewardSection.choose(key)", key)
        page.fill("#lam-number", str(float(weight)))
        report = check(weighted(key, weight))
        at = f", lam = {float(weight):g}" if "lam" in page.input_value("#formula") else ""
        assert page.text_content("#headline code") == f"R = {page.input_value('#formula')}{at}"
        words = str(page.text_content("#headline span span")).split(" · ")
        proper = {(True, True): "STRICTLY PROPER", (True, False): "WEAKLY PROPER"}.get(
            (bool(report.proper), report.strict is True), "IMPROPER"
        )
        joint = "JOINTLY OPTIMAL" if report.jointly_optimal else "NOT JOINTLY OPTIMAL"
        assert words == [proper, joint], (key, lam)
        assert "Proved by the package" in verdict(page)
        if report.proper and not report.jointly_optimal:
            found = page.evaluate("RewardSection.current().thresholds")
            local, everywhere = report.local_failure_below, report.global_failure_below
            if local is not None and local.value > 0.01:
                assert found["local"] == pytest.approx(local.value, abs=1e-4), (key, lam)
            if everywhere is not None and everywhere.value > 0.01:
                assert found["global"] == pytest.approx(everywhere.value, abs=1e-6), (key, lam)


OPTIMA = {
    "proved": "the true probability is the only confidence with the largest expected score",
    "refuted": "for some p a misreport has a larger expected score",
}
TYPED = [
    "q",
    "q*(2*c - q)",
    "c - 2*(q - c)^2",
    "c + log(1 - abs(q - c))",
    "-abs(q - c)",
    "c",
    "c - (q - c)^2/2",
    "1 - (q - c)^2",
    "c*q - q^2/2",
    "c - abs(q - c)^3",
    "c + 3*(q - c)^2",
    "(q > 1/2)*(c - 1/2) + c/5",
    "c*beta_cdf(q, 2, 3) - 2/5*beta_cdf(q, 3, 3) + c",
]


@pytest.mark.parametrize("text", TYPED)
def test_a_typed_formula_is_measured_and_the_page_says_so(page: Page, text: str) -> None:
    page.fill("#formula", text)
    assert page.input_value("#entry") == "own"
    assert "Evaluated numerically on this page" in verdict(page)
    assert "not a proof" in verdict(page)
    assert f'scoring-theory check "{text}"' in verdict(page)
    report = check(text)
    headline = page.locator("#headline code, #headline span span").all_text_contents()
    facts = str(page.text_content("#facts"))
    if report.kind == "reward":
        assert headline[:1] == [f"R = {Reward.parse(text).text}"]
        proper, joint = headline[1].split(" · ")
    else:
        beside = correctness + Reward.parse(text)
        both = str(page.text_content("#judged")).removeprefix("R = c + S = ")
        assert Reward.parse(both).payoff(0.3, 1) == pytest.approx(beside.payoff(0.3, 1))
        assert headline[::2] == [f"S = {Reward.parse(text).text}", f"c + S = {both}"]
        assert f"it is a score: {OPTIMA[report.proper.status]}" in str(
            page.text_content("#headline")
        )
        proper, joint = headline[1::2]
        assert report.range is not None
        low, high = (f"{end.value:.4g}" for end in report.range)
        assert f"payoffs of Sfrom {low} to {high}" in facts
        report = check(beside)
    assert ("IMPROPER" in proper) == (report.proper.status == "refuted")
    assert ("STRICTLY" in proper) == (report.strict is True)
    assert ("NOT JOINTLY" in joint) == (report.jointly_optimal.status == "refuted")
    if report.proper.status == "refuted":  # thresholds are about honest reports
        assert "deliberately wrong" not in facts
        assert "global failure" not in facts
    assert page.text_content("#game-reward") == page.text_content("#judged")


def test_the_drawn_value_is_the_value_of_the_package(page: Page) -> None:
    for text in ("c - 2*(q - c)^2", "c - abs(q - c)", "c*log(q) + (1 - c)*log(1 - q) + 2*c"):
        page.fill("#formula", text)
        points = [0.0, 0.05, 0.31, 0.5, 0.77, 1.0]
        got = page.evaluate(
            "points => points.map(p => RewardSection.current().reward.best(p).value)", points
        )
        assert got == pytest.approx(Reward.parse(text).value(points).tolist(), abs=1e-9)


def test_lam_moves_the_reward_and_names_of_the_catalogue_are_words(page: Page) -> None:
    page.fill("#formula", "c + lam*brier")
    for lam, global_threshold in (("1", None), ("2", 0.5)):
        page.fill("#lam-number", lam)
        found = page.evaluate("RewardSection.current().thresholds.global")
        assert found == (None if global_threshold is None else pytest.approx(global_threshold))
    page.fill("#lam-number", "")
    assert "lam must be a number from 0 to 1000" in str(page.text_content("#formula-problem"))
    assert page.get_attribute("#lam-number", "aria-invalid") == "true"
    assert page.get_attribute("#formula", "aria-invalid") == "false"


@pytest.mark.parametrize(
    ("text", "lam", "judged"),
    [
        ("1 - (q - c)^2", 1, "R = c + S = c + (1 - (q - c)^2)"),
        ("1 - (q - c)^2", 2, "R = c + lam*S = c + lam*(1 - (q - c)^2), lam = 2"),
        ("brier", 1, "R = c + S = c - (q - c)^2"),
        ("lam*brier", 2, "R = c + S = c + lam*(-(q - c)^2), lam = 2"),
        ("c - 2*(q - c)^2 + q/2", 0.5, "R = c + lam*(-(2*(q - c)^2) + q/2), lam = 0.5"),
        ("q + c", 0.5, "R = c + lam*(q + c - c), lam = 0.5"),
    ],
)
def test_the_judged_reward_is_written_out_and_the_command_proves_it(
    page: Page, text: str, lam: float, judged: str
) -> None:
    page.fill("#lam-number", str(lam))
    page.fill("#formula", text)
    written = str(page.text_content("#judged"))
    assert written == judged
    assert written.removeprefix("R = ").split(", lam")[0] in str(page.text_content("#headline"))
    assert page.text_content("#game-reward") == written


def test_nothing_of_the_last_formula_is_left_beside_a_mistake(page: Page) -> None:
    """Verdict, plots, thresholds, game and training, for the eye and for a screen reader."""
    page.select_option("#trained", "above")
    for wrong, field in (("foo", "#formula"), ("-1", "#lam-number")):
        page.fill("#lam-number", "1")
        page.fill("#formula", "1 - (q - c)^2 + c*log(q)")
        page.click("#disown")
        page.click("#reveal")
        page.click("#run")
        page.fill(field, wrong)
        assert page.text_content("#formula-problem")
        assert "No verdict" in str(page.text_content("#headline"))
        for emptied in ("facts", "proof", "formula-note", "revealed", "outcome", "temptation"):
            assert page.text_content(f"#{emptied}") == "", emptied
        for plot in ("payoffs", "values"):
            assert page.locator(f"#{plot} :is(path, rect)").count() == 0, plot
            label = page.get_attribute(f"#{plot} svg", "aria-label")
            assert label == "Nothing is drawn: the formula or its weight has a mistake."
        assert "No reward" in str(page.text_content("#judged"))
        assert "No reward" in str(page.text_content("#game-reward"))
        for button in ("honest", "disown", "reveal", "run", "again"):
            assert page.is_disabled(f"#{button}"), button
        assert not page.is_visible("#play-log")
        assert page.text_content("#now-step") == "0"
        assert page.locator("#curves .old").count() == 0
        assert "mistake" in str(page.text_content("#training-problem"))
        shown = str(page.locator("main").inner_text()) + str(page.content().split("<script")[0])
        for old in ("PROPER ", "OPTIMAL", "1 - (q - c)^2"):
            assert old not in shown, old


def test_under_a_safe_reward_the_game_offers_one_that_tempts(page: Page) -> None:
    assert "disowning never pays" in str(page.text_content("#temptation"))
    page.focus("#play-log")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "question"
    assert page.input_value("#entry") == "log"
    assert not page.is_visible("#play-log")
    assert "being wrong on purpose earns more" in str(page.text_content("#temptation"))
    for key in CATALOGUE:  # the sentence is about the questions that may be dealt
        page.evaluate("key => RewardSection.choose(key, 1)", key)
        reward = weighted(key, Fraction(1))
        points = [k / 20 for k in range(1, 20)]
        tempting = bool(
            (reward.expected_reward(points, points) < reward.payoff(0.0, 0) - 1e-9).any()
        )
        assert page.is_visible("#play-log") is not tempting, key


def test_the_game_pays_the_reward_and_optimal_play_is_the_largest_expected_reward(
    page: Page,
) -> None:
    page.evaluate("RewardSection.choose('log')")
    reward = parse_reward("c + log")
    dealt = page.evaluate("Game.deal(1)")
    paid = expected = optimal = 0.0
    for n, question in enumerate(dealt):
        p, choice = question["p"], "disown" if n % 2 else "honest"
        page.click(f"#{choice}")
        honest = reward.expected_reward(p, p).item()
        wrong = reward.payoff(0.0, 0).item()
        paid += wrong if choice == "disown" else reward.payoff(p, question["right"]).item()
        expected += wrong if choice == "disown" else honest
        optimal += max(wrong, honest)
    for name, value in (("paid", paid), ("expected", expected), ("optimal", optimal)):
        assert float(str(page.text_content(f"#score-{name}"))) == pytest.approx(
            value, rel=1e-3, abs=1e-3
        )
    assert page.is_disabled("#honest")
    threshold = check(reward).global_failure_below
    assert threshold is not None
    assert f"Below p = {threshold.value:.4g} disowning earns more" in str(
        page.text_content("#revealed")
    )
    page.evaluate("RewardSection.choose('rlcr')")
    page.click("#reveal")
    assert "an honest attempt is never worse" in str(page.text_content("#revealed"))
