"""One formula has one payoff: kernel, package, table, replay, adapter and exported file pay the
same number.

The judge is the kernel at the exact decimal that is stated. Whoever cannot hold that number
refuses, at set-up where there is one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from proofs import floats
from proofs.kernel.formula import Apply, FormulaError, Node, Number
from proofs.kernel.normal_form import Rejected, const
from proofs.kernel.subject import Subject
from proofs.search.at_point import as_float, value_at
from proofs.trees import unparse, walk
from scoring_theory.adapters import as_trl, scorer
from scoring_theory.adapters.bundle import bundle
from scoring_theory.adapters.export import function, source_code
from scoring_theory.adapters.scorer import payoffs
from scoring_theory.reward import Reward
from tests.support.examples import examples
from tests.support.strategies import formulas

STATED = [
    "0",
    "0.05",
    "0.07",
    "0.1",
    "0.15",
    "0.29",
    "0.3",
    "0.35",
    "0.5",
    "0.55",
    "0.57",
    "0.58",
    "0.6",
    "0.7",
    "0.9",
    "0.95",
    "0.99",
    "1",
]
GRID = [f"{n / 100:g}" for n in range(101)]

# What people pay by: each was paid otherwise by somebody, or stopped the run.
SAME = [
    "c - (q-c)^2 + 1 - q*(1/q)",
    "c - (q-c)^2 + 1 - (1-q)*(1/(1-q))",
    "c + (c-0.07)*(q*100 > 7) - (q-c)^2",
    "c + (c-0.7)*(1-q <= 0.3) - (q-c)^2",
    "c + (c-0.29)*(100*q >= 29) - (q-c)^2",
    "c - (q-c)^2 if q*3 != 0.3*3 else 5",
    "c + (c-1/3)*(3*q >= 1) - (q-c)^2",
    "c*beta_cdf(q,3,1/3)",
    "c + c*beta_function(1/3,2)*beta_cdf(q,1/3,2) - (1-c)*beta_function(4/3,1)*beta_cdf(q,4/3,1)",
    "c*beta_cdf(q,5,4)",
    "c + q*log(q)/8 + (1-q)*log(1-q)/8",
    "c - (q-c)^2 + (q^2 - 1/4)/(q + 1/2)",
    "c + (c - 1/2)*(q >= 1/2)/(1 + q) - (q - c)^2/3",
]
OVERFLOWS = [
    "c - (q-c)^2 + log(exp(1000*q))/1000 - q",
    "c*(exp(800*q)/exp(800*q))",
    "c*(10^400/10^400)",
]


def said(answer: str, confidence: str) -> str:
    return f"<answer>{answer}</answer><confidence>{confidence}</confidence>"


def exported(reward: Reward) -> tuple[Callable[[float], float], Callable[[float], float]]:
    """The two functions of an exported file, run as they are written."""
    right, wrong = payoffs(reward)
    body = "\n\n\n".join(
        [function("on_correct", "right", right), function("on_wrong", "wrong", wrong)]
    )
    space: dict[str, Any] = {}
    exec(compile(bundle([floats], body), "exported", "exec"), space)
    return space["on_correct"], space["on_wrong"]


@pytest.mark.parametrize("levels", [STATED, pytest.param(GRID, marks=pytest.mark.slow)], ids=len)
@pytest.mark.parametrize("text", SAME)
def test_everybody_pays_what_the_kernel_says(text: str, levels: list[str]) -> None:
    reward, subject = Reward.parse(text), Subject(text, {})
    grade, file = scorer(reward, allow_unsafe=True), exported(reward)
    for stated in levels:
        q = float(stated)
        for c in (0, 1):
            exact = as_float(subject.payoff(const(Fraction(stated)), c))
            answer = ("5", "4")[c]
            paid = [
                reward.payoff(q, c).item(),
                reward.table([q])[c, 0],
                value_at((reward.on_wrong, reward.on_correct)[c], Fraction(stated)),
                grade(said(answer, stated), "4").reward,
                grade(said(answer, f"{Fraction(stated) * 100}%"), "4").reward,
                file[1 - c](q),
            ]
            assert paid == pytest.approx([exact] * len(paid), abs=1e-12), stated


def test_grids_of_numpy_meet_the_same_thresholds() -> None:
    numpy = pytest.importorskip("numpy")
    for text in SAME[2:7]:
        reward = Reward.parse(text)
        stated = reward.table([float(f"{n / 100:g}") for n in range(101)])
        for levels in (
            numpy.linspace(0, 1, 101),
            numpy.arange(0, 101) * 0.01,
            numpy.arange(0, 101) / 100,
        ):
            assert reward.table(levels) == pytest.approx(stated, abs=1e-12)


@pytest.mark.parametrize("text", OVERFLOWS)
def test_an_overflow_is_computed_exactly_or_refused_at_set_up(text: str) -> None:
    reward, subject = Reward.parse(text), Subject(text, {})
    for stated in ("0", "0.3", "0.9", "1"):
        for c in (0, 1):
            exact = as_float(subject.payoff(const(Fraction(stated)), c))
            assert reward.payoff(float(stated), c) == pytest.approx(exact, abs=1e-12)
    for refused in (scorer, as_trl):
        with pytest.raises(ValueError, match="no finite payoff at every confidence"):
            refused(reward, allow_unsafe=True)
    with pytest.raises(ValueError, match="no finite payoff at every confidence"):
        source_code(reward, "reward.py", framework="trl", allow_unsafe=True)


def test_no_completion_stops_a_run_where_a_reflection_would_not_end() -> None:
    """At 4/13 both x and 1 - x are above the mean, by rounding."""
    grade = scorer(Reward.parse(SAME[8]), allow_unsafe=True)
    assert math.isfinite(grade(said("4", "4/13"), "4").reward)


def test_a_threshold_that_floats_miss_is_refused_at_set_up() -> None:
    """The square of sqrt(1/5) is 1/5 to the kernel, and not to floats."""
    with pytest.raises(
        ValueError,
        match=r"at confidence 0\.2 floating point gives 0.2, and the exact value is 5\.0",
    ):
        scorer(Reward.parse("c*q if sqrt(q)^2 != 0.2 else 5"), allow_unsafe=True)


# ---------------------------------------------------------------------------------- random formulas


def wild() -> st.SearchStrategy[Node]:
    """Formulas with quotients, logarithms and choices at the thresholds that people write."""
    small, edges = formulas(), st.sampled_from([Number(Fraction(s)) for s in STATED])
    q = st.sampled_from(
        ["q", "1 - q", "q*3", "100*q", "q^2", "q/(1 + q)", "q*(1/q)", "(1 - q)*(1/(1 - q))"]
    )
    side = q.map(lambda text: Reward.parse(text).formula)
    test = st.builds(
        lambda op, x, edge: Apply(
            op, (x, Reward.parse(unparse(x).replace("q", f"({edge.value})")).formula)
        ),
        st.sampled_from(["<", "<=", "==", "!="]),
        side,
        edges,
    )
    return st.one_of(
        small,
        st.builds(lambda a, t, b: Apply("+", (a, Apply("*", (t, b)))), small, test, small),
        st.builds(lambda a, t, b: Apply("if", (t, a, b)), small, test, small),
        st.builds(lambda a, b, d: Apply("+", (a, Apply("/", (b, d)))), small, small, small),
        st.builds(lambda a, x: Apply("+", (a, Apply("*", (x, Apply("log", (x,)))))), small, side),
        st.builds(lambda a, x: Apply("-", (a, x)), small, side),
    )


@examples(60)
@given(wild(), st.sampled_from(STATED), st.integers(0, 1))
def test_random_formulas_pay_the_same_everywhere(formula: Node, stated: str, c: int) -> None:
    reward, q = Reward(formula, {}), float(stated)
    node = (reward.on_wrong, reward.on_correct)[c]
    try:
        exact = as_float(Subject(reward.text, {}).payoff(const(Fraction(stated)), c))
    except Rejected:
        event("no value in the kernel")
        if 0 < q < 1:
            with pytest.raises(FormulaError):
                reward.payoff(q, c)
        return
    scale = max(
        abs(x)
        for x in [1.0, *(floats.in_floats(part)(q) for part in walk(node))]
        if math.isfinite(x)
    )
    assert reward.payoff(q, c) == pytest.approx(exact, abs=1e-12 * scale)
    with suppress(FormulaError):  # where the other payoff has no value
        assert reward.table([q])[c, 0] == pytest.approx(exact, abs=1e-12 * scale)
    assert value_at(node, Fraction(stated)) == pytest.approx(exact, abs=1e-12 * scale)
    try:
        sides = payoffs(reward)
    except ValueError:
        event("refused at set-up")
        return
    assume(math.isfinite(exact))
    assert sides[1 - c](q) == pytest.approx(exact, abs=1e-12 * scale)
    assert exported(reward)[1 - c](q) == pytest.approx(exact, abs=1e-12 * scale)
