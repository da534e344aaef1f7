"""What SymPy is asked about a typed formula ends, with a sentence, and the same one on a loaded
machine.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from proofs.kernel.formula import FormulaError
from scoring_theory.expression import patience, piece_ends
from scoring_theory.expression.pieces import one_sided_limit
from scoring_theory.reward import Reward
from simulations.cli import main
from tests.support.effort import calls

ENDLESS = "exp(t^2)/(1 + t^5)"
REFUSED = "took more work than the limit allows"


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "EVENTS", 500_000)


@pytest.mark.usefixtures("hurried")
def test_an_integral_that_takes_too_much_work_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check", "--density", ENDLESS]) == 2
    assert (
        capsys.readouterr().err
        == f"scoring-theory: the integral of the density {ENDLESS!r} {REFUSED}\n"
    )


@pytest.mark.usefixtures("hurried")
def test_work_is_counted_in_any_thread() -> None:
    refusals: list[BaseException] = []

    def work() -> None:
        try:
            Reward.from_density(ENDLESS)
        except FormulaError as error:
            refusals.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert REFUSED in str(refusals)


def test_no_work_at_all_is_too_little_for_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each place where SymPy is asked about what somebody typed."""
    monkeypatch.setattr(patience, "EVENTS", 0)
    one_sided_limit.cache_clear()
    piece_ends.cache_clear()
    jobs = {
        "the payoffs of the value": lambda: Reward.from_value("p^3"),
        "the integral of the density": lambda: Reward.from_density("exp(t)"),
        "is not found exactly: the search": lambda: piece_ends(
            Reward.parse("abs(q^3 - 1/2)").formula
        ),
        "the search": lambda: Reward.parse("exp(-1/q)/q").payoff(0.0, 1),
    }
    for told, job in jobs.items():
        with pytest.raises(FormulaError, match=rf"{told}.* {REFUSED}"):
            job()


def test_who_watches_the_program_keeps_watching() -> None:
    seen: list[str] = []

    def watch(frame, event, argument):
        seen.append(frame.f_code.co_name)

    before = sys.gettrace(), sys.getprofile()
    sys.settrace(watch)
    try:
        Reward.from_density("exp(t)")
        assert sys.gettrace() is watch
    finally:
        sys.settrace(before[0])
    assert "integrate" in seen
    with pytest.raises(FormulaError, match=f"this {REFUSED}"), patience.Patience("this"):
        raise patience._TooMuch
    assert (sys.gettrace(), sys.getprofile()) == before


@pytest.mark.usefixtures("hurried")
def test_an_exception_that_is_lost_is_raised_again() -> None:
    lost: list[int] = []

    def lose() -> None:
        for attempt in range(200_000):
            try:
                Reward.parse("c")
            except patience._TooMuch:
                lost.append(attempt)
                if len(lost) == 3:
                    raise

    with pytest.raises(FormulaError, match=f"this {REFUSED}"), patience.Patience("this"):
        lose()
    assert len(lost) == 3


def test_the_outer_limit_counts() -> None:
    with patience.Patience("outside"), patience.Patience("inside"):
        assert sys.getprofile() is not None
    assert sys.getprofile() is None


def answer(job: Callable[[], Reward]) -> str:
    try:
        return job().text
    except FormulaError as error:
        return str(error)


@pytest.mark.parametrize("events", [1000, 10_000, 100_000, 200_000, patience.EVENTS])
def test_the_second_answer_is_the_first(events: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that was given up finds nothing of what it had found when it is tried again."""
    monkeypatch.setattr(patience, "EVENTS", events)
    for job in (lambda: Reward.from_density("1/(t*(1 - t))"), lambda: Reward.from_value("exp(p)")):
        assert len({answer(job) for _ in range(4)}) == 1


def test_imports_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "EVENTS", 200)
    for name in [name for name in sys.modules if name.partition(".")[0] == "mailbox"]:
        monkeypatch.delitem(sys.modules, name)
    with patience.Patience("this"):
        import mailbox  # noqa: F401


@pytest.mark.slow
def test_a_loaded_machine_gives_the_answers_of_an_idle_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "EVENTS", 1_000_000)
    jobs = [
        lambda: Reward.from_density("1/(1 - t)"),
        lambda: Reward.from_density(ENDLESS),
        lambda: Reward.from_value("p^3"),
        lambda: Reward.from_density("3*t"),
    ]
    idle = [answer(job) for job in jobs]
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        loaded = [answer(job) for job in jobs]
    finally:
        for process in busy:
            process.kill()
            process.wait()
    assert loaded == idle
    assert [REFUSED in text for text in idle] == [False, True, False, False]


def test_polynomials_and_steps_need_no_sympy() -> None:
    densities = ("2", "(t > 1/2)*3", "abs(t - 1/2)", "t*(1 - t)^2 if t < 1/3 else max(t, 1/2)")
    program = (
        "import sys; from scoring_theory import Reward; list(map(Reward.from_density,"
        f" {densities}))"
    )
    subprocess.run(
        [sys.executable, "-c", f"{program}; assert 'sympy' not in sys.modules"], check=True
    )


def test_a_negative_atom_is_refused_before_the_integral() -> None:
    def job() -> None:
        with pytest.raises(
            ValueError, match="the mass of an atom must be nonnegative, got -1 at 0"
        ):
            Reward.from_density(ENDLESS, atoms={0: -1})

    assert calls(job) < 10_000
