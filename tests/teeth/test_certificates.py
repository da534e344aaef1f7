"""Certificates that were tampered with: whatever the kernel still accepts must be true all the
same.

Truth is decided by brute force (`tests.support.brute_force`), which knows nothing of certificates.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest

from proofs.kernel.formula import Apply, Number, parse
from proofs.kernel.normal_form import Rejected
from proofs.kernel.subject import _parsed
from proofs.kernel.verifier import verify
from proofs.search.prover import Prover
from tests.support.brute_force import contradiction
from tests.support.certificates import accepted
from tests.support.mutants import certificates, mutants


def test_the_originals_are_accepted_and_true() -> None:
    originals = certificates(1, 12)
    assert len(originals) > 30
    for certificate in originals:
        assert accepted(certificate)
        assert not contradiction(certificate)


@pytest.mark.parametrize(
    ("seed", "count"), [(1, 120), pytest.param(2, 350, marks=pytest.mark.slow)]
)
def test_what_survives_tampering_is_true(seed: int, count: int) -> None:
    survivors = [(how, mutant) for how, mutant in mutants(seed, 12, count) if accepted(mutant)]
    assert survivors
    for how, mutant in survivors:
        assert not contradiction(mutant), how


THRESHOLDS = [
    ("c - 2*(q - c)^2", "1/4", "1/2"), ("c - 5*(q - c)^2", "2/5", "4/5"),
    ("c + c*log(q) + (1 - c)*log(1 - q)", "0.26894142", "0.64840"),
    ("c/2 - (q - c)^2", "1/4", "1/2"), ("3*(q > 1/2)*(c - 1/2) - 3*(q - c)^2", "1/2", "0.70710678"),
    ("-(q > 1/5)*(1/5 - c) - c/2", "1/5", "2/5"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "local", "globally"), THRESHOLDS)
def test_thresholds_on_the_wrong_side(formula: str, local: str, globally: str) -> None:
    """Enclosures around, below and above each threshold: accepted where brute force agrees."""
    prover = Prover(formula)
    assert prover.proper.certificate
    agreed = 0
    for shift in (
        Fraction(0),
        Fraction(1, 1000),
        Fraction(-1, 1000),
        Fraction(1, 20),
        Fraction(-1, 20),
    ):
        for side in (Fraction(1, 10**5), Fraction(1, 100)):
            ends = {
                kind: [str(Fraction(x) + shift - side), str(Fraction(x) + shift + side)]
                for kind, x in (("local", local), ("global", globally))
            }
            claim = {**prover.proper.certificate, "claim": "failure thresholds", **ends}
            assert accepted(claim) == (not contradiction(claim))
            agreed += accepted(claim)
    assert agreed >= 2


@pytest.mark.slow
def test_thousands_of_false_certificates() -> None:
    """At least 2,000 mutants that brute force contradicts, and none of them accepted."""
    outcomes: Counter[str] = Counter()
    for seed in range(100, 130):
        for _, mutant in mutants(seed, 30, 160):
            passed = accepted(mutant)
            try:
                false = bool(contradiction(mutant))
            except (ValueError, KeyError, ZeroDivisionError, OverflowError):
                false = True  # numbers or names that mean nothing
            assert not (passed and false), mutant
            outcomes[
                f"{'accepted' if passed else 'rejected'},"
                f" {'false' if false else 'not contradicted'}"
            ] += 1
    print(dict(outcomes))
    assert outcomes["rejected, false"] >= 2000


def chained(top: str, bottom: str, times: int) -> str:
    return top + f"/{bottom}" * times


def test_no_certificate_keeps_the_kernel_busy_by_long_numbers_or_many_parts() -> None:
    """690 quotients of 400-digit numbers took 1.1 s for each part of a split, and 60 parts went
    through.
    """
    bomb = f"c*lam + 0*({chained('3e399', '7e-399', 690)})/({chained('7e399', '3e-399', 690)})"
    leaf = {"breakpoints": [], "evidence": [{"kind": "terms"}]}
    cases: dict[str, object] = leaf
    for at in range(5, 0, -1):
        cases = {"split": {"parameter": "lam", "at": str(at), "cases": [leaf, leaf, cases]}}
    claim = {"schema": 2, "parameters": {"lam": "0 < lam"}, "claim": "proper", **cases}
    with pytest.raises(Rejected, match="may be 150 high"):
        verify({**claim, "formula": bomb})
    _parsed.cache_clear()
    assert verify({**claim, "formula": "c*lam + 0*" + chained("3e399", "7e-399", 40)})
    assert _parsed.cache_info().misses == 1  # eleven parts, one reading
    short = parse(chained("3e399", "7e-399", 40), ())
    assert isinstance(short, Apply)  # a number that grows too long is left as it was typed


def test_quotients_of_short_numbers_are_numbers() -> None:
    assert parse("1" + "/2" * 140, ()) == Number(Fraction(1, 2**140))
