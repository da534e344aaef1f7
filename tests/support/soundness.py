"""What the search decides about a reward, judged by brute force."""

from __future__ import annotations

from proofs.search.prover import Decided, Prover
from tests.support.brute_force import contradiction


def decisions(formula: str, domains: dict[str, str]) -> list[Decided]:
    prover = Prover(formula, domains)
    return [prover.proper, prover.strict, prover.jointly_optimal, prover.accuracy]


def wrong(found: list[Decided]) -> str:
    """The first certificate that brute force contradicts."""
    certificates = [d.certificate for d in found if d.certificate]
    return next((why for certificate in certificates if (why := contradiction(certificate))), "")


def consistent(found: list[Decided]) -> bool:
    """A verdict has a certificate or a reason, and the verdicts do not quarrel."""
    proper, strict, joint, accuracy = (d.decision for d in found)
    told = all(d.certificate if d.decision != "undecided" else d.reason for d in found)
    order = not (proper == "refuted" and "proved" in (strict, joint)) and not (
        proper == "undecided" and strict == "proved"
    )
    return told and order and not (joint == "proved" and accuracy == "refuted")
