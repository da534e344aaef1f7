"""Certificates that the kernel accepts, exported and accepted by Coq; what cannot be exported says
why.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from proofs.__main__ import export_to_coq, main
from proofs.kernel.normal_form import Rejected
from proofs.to_coq import COQ_CLAIMS, coq_of
from scoring_theory.checking import check
from tests.support.coq import accepted_together, needs_coq

RULES = {
    "brier": "c - (q - c)^2",
    "twice brier": "c - 2*(q - c)^2",
    "binary": "c",
    "beta(2, 2)": "c + 12*(c*(q^2/2 - 2/3*q^3 + q^4/4 - 1/12) - (1-c)*(q^3/3 - q^4/4))",
}


def certificates(formula: str) -> list[dict[str, object]]:
    return [dict(c) for c in check(formula).certificates if "evidence" in c]


@pytest.mark.slow
@needs_coq
def test_coq_accepts_what_the_kernel_accepts(tmp_path: Path) -> None:
    """A strict claim of the kernel is a strict theorem of Coq."""
    texts = []
    for formula in RULES.values():
        found = certificates(formula)
        texts.append(coq_of(found[0]))
        strict = any(c["claim"] == "strictly proper" for c in found)
        assert ("_strictly_proper" in texts[-1]) == strict
    done = accepted_together(tmp_path, texts[1:])
    assert done.returncode == 0, done.stderr
    (tmp_path / "rule.v").write_text(texts[0])
    done = subprocess.run(
        ["coqc", "-q", "rule.v"], cwd=tmp_path, capture_output=True, text=True, timeout=1200
    )
    assert done.returncode == 0, done.stderr


def test_a_weight_that_touches_zero_goes_through_its_square() -> None:
    """w = (2t^2 - 1)^2 touches 0 at 1/sqrt(2), so no Bernstein degree alone shows its sign."""
    f = "q - q^2/2 - 4/3*q^3 + q^4 + 4/5*q^5 - 2/3*q^6"
    g = "-(q^2/2 - q^4 + 2/3*q^6)"
    certificate, *_ = certificates(f"c*({f}) + (1-c)*({g})")
    assert "square" in certificate["evidence"][0]  # type: ignore[index]
    assert "^ 2" in coq_of(certificate)


@pytest.mark.parametrize(
    ("formula", "parameters", "why"),
    [
        ("c + log(1 - abs(q - c))", {}, "a payoff is not a polynomial in q"),
        (
            "c + log(clip(1 - abs(q - c), 1/10, 9/10))",
            {},
            "a payoff between 0 and 1/10 is not a polynomial in q",
        ),
        (
            "c - lam*(q-c)^2",
            {"lam": "0 < lam <= 1"},
            r"parameter 'lam' is free \(0 < lam <= 1\); give it one value",
        ),
        ("(q > t)*(c - t)", {"t": "0 < t < 1"}, "the parameter 't' is free"),
        ("(q > t)*(c - t)", {"t": "0 <= t <= 1"}, "split by the parameter 't'; give it one value"),
        ("c - (q - c)^2 + (1 - c)*(q == 1)*log(1 - q)", {}, "the payoff at q = 1 is infinite"),
        ("c - (q - c)^2 - c*(q == 0)*sqrt(2)", {}, "the payoff at q = 0 is not a rational number"),
    ],
)
def test_what_has_no_polynomial_pieces_is_refused(
    formula: str, parameters: dict[str, str], why: str
) -> None:
    certificate = next(
        dict(c) for c in check(formula, **parameters).certificates if c["claim"] in COQ_CLAIMS
    )
    with pytest.raises(Rejected, match=why):
        coq_of(certificate)


CERTIFICATES = Path(__file__).parents[2] / "proofs" / "certificates"
EXPORTED = {
    "binary", "brier_k", "confidence_target", "nemo_gym_abstention", "rlcr", "truthrl",
    "beta_family", "brier", "power", "threshold_bet",
    "winkler", "zero_one",
}  # fmt: skip
"""The polynomial rules of the catalogue, in one piece or in two."""


def reason_or_nothing(path: Path) -> str:
    try:
        text = export_to_coq(path)
    except Rejected as reason:
        return str(reason)
    return "" if "Theorem" in text else "an empty file"


def test_the_catalogue_is_exported_or_says_why_not() -> None:
    reasons = {path.stem: reason_or_nothing(path) for path in CERTIFICATES.glob("*.json")}
    assert {name for name, reason in reasons.items() if not reason} == EXPORTED
    known = r"is not a polynomial in q with rational coefficients|is needed, got 'not proper'"
    assert all(re.search(known, reason) for reason in reasons.values() if reason)
    assert reasons["log"] == "a payoff is not a polynomial in q with rational coefficients"
    assert reasons["floored_log"].endswith("is needed, got 'not proper'")


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(EXPORTED))
def test_coq_accepts_the_catalogue(name: str, tmp_path: Path) -> None:
    (tmp_path / "rule.v").write_text(export_to_coq(CERTIFICATES / f"{name}.json"))
    done = subprocess.run(
        ["coqc", "-q", "rule.v"], cwd=tmp_path, capture_output=True, text=True, timeout=1200
    )
    assert done.returncode == 0, done.stderr


def test_a_rejected_certificate_is_not_exported() -> None:
    certificate = certificates(RULES["twice brier"])[0]
    with pytest.raises(Rejected):
        coq_of({**certificate, "claim": "jointly optimal"})
    with pytest.raises(Rejected, match="is needed"):
        coq_of(next(dict(c) for c in check("-abs(q-c)").certificates if c["claim"] == "not proper"))


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "brier.json"
    path.write_text(json.dumps(check(RULES["brier"]).to_json()["certificate"]))
    assert main(["export", str(path)]) == 0
    assert "Theorem" in capsys.readouterr().out
    path.write_text(json.dumps(check("c + log(1 - abs(q - c))").to_json()["certificate"]))
    assert main(["export", str(path)]) == 1
    assert main(["export", str(tmp_path / "absent.json")]) == 2


def test_a_formula_cannot_close_the_comment() -> None:
    text = coq_of(certificates("c - (q - c)*(q - c)*(1)")[0])
    assert text.count("(*") == text.count("*)")
