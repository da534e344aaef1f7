"""Exact numbers are short enough to read, and the kernel reads them back as the same numbers."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from fractions import Fraction

import pytest

from proofs.kernel.formula import parse
from proofs.kernel.normal_form import Expression, Rejected, is_zero
from proofs.kernel.signs import Region
from proofs.kernel.translate import Translator
from proofs.kernel.verifier import Subject
from proofs.quantity import Quantity
from proofs.search.as_text import inverse_text, to_text
from scoring_theory import CATALOGUE, Report, check
from tests.support import random_rewards

LONGEST = 160
"""Characters: the Schervish weight of the pseudospherical family has 148."""
SHOWN = 80
"""Characters of a number as `check` prints it, with its decimals or the equation of a root."""
FORBIDDEN = {
    "two logarithms with the same factor": r"(?<![*\d/])log\(\d+\)[^*/]*[+-] log\(\d+\)(?![*/])",
    "a product of roots": r"sqrt\(\d+\)\*sqrt\(\d+\)",
    "a power of an exponential": r"exp\([^()]*\)\^",
    "a logarithm in brackets of its own": r"\(log\([^()]*\)\)",
    "1 over a fraction": r"(?<![\d.])1/\([^()]*\([^()]*\)/\d+\)$",
}


def numbers(report: Report) -> Iterator[Quantity]:
    for number in (
        report.accuracy_margin, report.critical_weight, report.local_failure_below,
        report.global_failure_below, *(report.range or ()),
    ):  # fmt: skip
        if number is not None:
            yield number


def texts(report: Report) -> Iterator[str]:
    yield from (number.exact for number in numbers(report))
    yield from filter(None, (report.threshold_density, report.best_report))
    for verdict in (report.proper, report.strictly_proper, report.jointly_optimal):
        yield from (verdict.witness or {}).values()


def require_readable(report: Report) -> None:
    for text in texts(report):
        assert len(text) <= LONGEST, text
        for name, pattern in FORBIDDEN.items():
            assert not re.search(pattern, text), (name, text)
    for number in numbers(report):
        if number.value == number.value:  # no function of parameters
            assert len(str(number)) <= SHOWN + len("0.1234567890..., the root of "), str(number)


WITH_LOGARITHMS = [key for key, entry in CATALOGUE.items() if "log" in entry.formula]


@pytest.mark.parametrize("key", WITH_LOGARITHMS)
def test_exact_numbers_can_be_read(key: str) -> None:
    require_readable(check(CATALOGUE[key]()))


@pytest.mark.slow
def test_exact_numbers_of_the_catalogue_and_of_random_rewards_can_be_read() -> None:
    for entry in CATALOGUE.values():
        require_readable(check(entry()))
        if entry.domains:
            require_readable(check(entry.family))
    rng = random.Random(7)
    for _ in range(300):
        _, text, domains = random_rewards.case(rng)
        require_readable(check(text, parameters=domains))


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("log(2) + 2*log(5)", "log(50)"),
        ("q*log(2) - q*log(5)", "-q*log(5/2)"),
        ("sqrt(2)*sqrt(3)*sqrt(5)/7", "sqrt(30)/7"),
        ("2^(1/3)*3^(1/3)*q", "6^(1/3)*q"),
        ("exp(2/3)", "exp(2/3)"),
        ("1/exp(q)^2", "1/exp(2*q)"),
        ("(5 - 6*log(6))/(5 - log(6))", "(5 - 6*log(6))/(5 - log(6))"),
        ("3*log(10)/log(99/2)", "3*log(10)/log(99/2)"),
        ("127/128*log(1069) + log(19)/128 - log(3200/3)",
         "127*log(1069)/128 + log(19)/128 - log(3200/3)"),
        ("log(11)/2 + log(3) - 1", "-1 + log(99)/2"),
    ],
)  # fmt: skip
def test_equal_parts_are_merged(typed: str, shown: str) -> None:
    assert to_text(smooth(typed)) == shown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("log(99)/2", "2/log(99)"),
        ("log(99)", "1/log(99)"),
        ("3 - log(7)", "1/(3 - log(7))"),
        ("(5 - log(6))/log(7)", "log(7)/(5 - log(6))"),
        ("2/3", "3/2"),
    ],
)
def test_an_inverse_is_one_fraction(typed: str, shown: str) -> None:
    assert inverse_text(smooth(typed)) == shown
    assert is_zero(smooth(shown) * smooth(typed) - smooth("1"))


def smooth(text: str) -> Expression:
    return Translator(Region({})).smooth(parse(text))


def test_the_kernel_reads_every_text_back() -> None:
    read = 0
    for entry in CATALOGUE.values():
        subject = Subject(entry().text, entry().parameters)
        for p in (Fraction(1, 3), Fraction(9, 10)):
            for q in (p, Fraction(1, 7)):
                value = subject.expected(p, q)
                try:
                    again = isinstance(value, Expression) and smooth(to_text(value))
                except Rejected:  # pragma: no cover
                    pytest.fail(f"{entry.key}: {to_text(value)}")
                if isinstance(again, Expression) and isinstance(value, Expression):
                    assert is_zero(again - value), (entry.key, to_text(value))
                    read += 1
    assert read > 120


def test_a_long_number_is_shown_by_its_digits() -> None:
    long = " + ".join(["log(2)"] * 12)
    assert str(Quantity(long, 8.317766166719343)) == "8.317766167..."
    assert str(Quantity("0.703265017035288", 0.703265017035288, equation=f"{long} = 0")) == (
        "0.7032650170..."
    )
    assert str(Quantity("-1.5866320213333", -1.5866320213333)) == "-1.58663"
