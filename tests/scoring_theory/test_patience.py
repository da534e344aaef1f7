"""What SymPy is asked about a typed formula ends in time, with a sentence."""

from __future__ import annotations

import sys
import threading
from time import monotonic

import pytest

from proofs.kernel.formula import FormulaError
from scoring_theory.expression import patience
from scoring_theory.expression.pieces import limit
from scoring_theory.reward import Reward
from scoring_theory.thresholds import from_reward
from simulations.cli import main

ENDLESS = "exp(t^2)/(1 + t^5)"


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "SECONDS", 0.3)


@pytest.mark.usefixtures("hurried")
def test_an_integral_that_is_not_found_in_time_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    started = monotonic()
    assert main(["check", "--density", ENDLESS]) == 2
    told = f"scoring-theory: the integral of the density {ENDLESS!r} took more than 0.3 seconds\n"
    assert capsys.readouterr().err == told
    assert monotonic() - started < 10, "it takes minutes otherwise; a busy machine has some room"


@pytest.mark.usefixtures("hurried")
def test_time_is_kept_in_any_thread() -> None:
    found: list[BaseException] = []

    def work() -> None:
        try:
            Reward.from_density(ENDLESS)
        except FormulaError as error:
            found.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert "took more than 0.3 seconds" in str(found)


def test_no_time_at_all_is_too_little_for_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each place where SymPy is asked about what somebody typed."""
    reward = Reward.parse("c - (q - c)^2")
    monkeypatch.setattr(patience, "SECONDS", 0.0)
    limit.cache_clear()
    jobs = {
        "the payoffs of the value": lambda: Reward.from_value("p^3"),
        "the integral of the density": lambda: Reward.from_density("3*t"),
        "reading thresholds off": lambda: from_reward(reward),
        "has no known limit at q = 0: the search": lambda: Reward.parse("q*log(q)/q^2").payoff(0.0, 1),
    }
    for told, job in jobs.items():
        with pytest.raises(FormulaError, match=rf"{told}.* took more than 0 seconds"):
            job()


def test_who_watches_the_program_keeps_watching() -> None:
    seen: list[str] = []

    def watch(frame, event, argument):
        seen.append(frame.f_code.co_name)

    before = sys.gettrace(), sys.getprofile()
    sys.settrace(watch)
    try:
        Reward.from_density("2")
        assert sys.gettrace() is watch
    finally:
        sys.settrace(before[0])
    assert "integrate" in seen
    with pytest.raises(FormulaError, match="this took more than"), patience.Patience("this"):
        raise patience._OutOfTime
    assert (sys.gettrace(), sys.getprofile()) == before


@pytest.mark.usefixtures("hurried")
def test_an_exception_that_is_lost_is_raised_again() -> None:
    started, lost = monotonic(), []

    def lose() -> None:
        while monotonic() < started + 5:
            try:
                Reward.parse("c")
            except patience._OutOfTime:
                lost.append(monotonic())
                if len(lost) == 3:
                    raise

    with pytest.raises(FormulaError, match=r"this took more than 0\.3 seconds"), patience.Patience("this"):
        lose()
    assert len(lost) == 3


def test_the_outer_clock_counts() -> None:
    with patience.Patience("outside"), patience.Patience("inside"):
        assert sys.getprofile() is not None
    assert sys.getprofile() is None
