"""Accept or reject a certificate.

Everything is derived again from the formula as typed, and nothing is searched for. A certificate is
a JSON object: `schema` 2, `formula`, `parameters` (name -> domain text), `claim`, and its evidence:

    proper, strictly proper   breakpoints, evidence (for each open piece one sign certificate of
                              w = R1' - R0')
    jointly optimal           the same; then R(0, 0) <= R(0, 1) or R(0, 0) <= R(0+, 1)
    not proper                values, p, q with U(p, q) > U(p, p)
    not strictly proper       values, p, q with p != q and U(p, q) = U(p, p)
    not jointly optimal       values, p_low <= p_high, q_low with
                              U(p_low, q_low) > U(p_high, p_high)
    jointly optimal nowhere   as for proper; then R(0+, 1) < R(0, 0), so that, for all parameters, a
                              deliberately wrong answer with q = 0 has a larger expected reward than
                              a truthful report for every small enough p
    accuracy rewarded         q0, evidence: R(q0, 0) >= R(q, 0) for all q, and
                              R(q0, 1) >= R(q0, 0); so V(p) >= V(0)
                              or, without q0, evidence: R(q, 1) >= R(q, 0) for all q; so each
                              U(p, q) increases with p
    accuracy not rewarded     p_low < p_high, q_low, evidence: U(p_low, q_low) > U(p_high, q) for
                              all q
    failure thresholds        proper, and rational ends around the p where V turns and where V
                              regains V(0)
    ... for graded scores     see `proofs.kernel.claims_graded`
    abstention ...            see `proofs.kernel.claims_abstention`
    never negative            see `proofs.kernel.claims_choices`
    ... for the best choice   see `proofs.kernel.claims_choices`
    ... under errors          see `proofs.kernel.claims_errors`
    ... on a grid             see `proofs.kernel.claims_grid`

A certificate with evidence may hold `split` {"parameter", "at", "cases"} in its place. The domain
of a parameter is then cut into the values below, at and above a rational in it (those that exist),
and the fields of each case are checked on its part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from proofs.kernel import (
    claims,
    claims_abstention,
    claims_choices,
    claims_errors,
    claims_graded,
    claims_grid,
)
from proofs.kernel import formula as syntax
from proofs.kernel.normal_form import Rejected, limited
from proofs.kernel.subject import Subject, need

SCHEMA = 2
MAX_WORK = 600_000

CLAIMS: claims.Claims = {
    **claims.PLAIN_CLAIMS,
    **claims_graded.GRADED_CLAIMS,
    **claims_errors.ERRORS_CLAIMS,
    **claims_grid.GRID_CLAIMS,
    **claims_abstention.ABSTENTION_CLAIMS,
    **claims_choices.CHOICE_CLAIMS,
}
"""For each claim: its check, the fields that it needs, and those that it may have."""

_COMMON = {"schema": int, "formula": str, "parameters": dict, "claim": str}
_STATED = {"grades", "levels", "pays", "false_positive", "false_negative"}
"""Fields that belong to the claim, so that the cases of a split share them."""
_TEXTS = (
    *("breakpoints", "local", "global", "cuts", "grades", "from", "to", "chosen"),
    *("rates", "rates_low", "rates_high", "inner", "rivals", "levels"),
)
_HELD: Mapping[str, type] = {
    **dict.fromkeys(_TEXTS, str),
    "evidence": dict,
    "outside": dict,
    **dict.fromkeys(("law", "low", "high"), list),
}
"""What the fields that are lists hold."""
_TYPES = {**_COMMON, "values": dict, **dict.fromkeys(_HELD, list)}


def _check_shape(certificate: Mapping[str, Any]) -> None:
    """Check that the certificate has the fields of its claim, each of its type, and no others."""
    for name, value in certificate.items():
        wanted = _TYPES.get(name, str)
        need(
            type(value) is wanted,
            f"{name!r:.40} must be {wanted.__name__}, got {type(value).__name__}",
        )
        inner = _HELD.get(name, str)
        held = value.values() if wanted is dict else value if wanted is list else ()
        need(all(type(x) is inner for x in held), f"{name!r} must hold {inner.__name__}")
    need(
        certificate.get("schema") == SCHEMA,
        f"schema {SCHEMA} is needed, got {certificate.get('schema')!r:.40}",
    )
    need(certificate.get("claim") in CLAIMS, f"unknown claim {certificate.get('claim')!r:.40}")
    _, needed, allowed = CLAIMS[certificate["claim"]]
    missing = (_COMMON.keys() | needed) - certificate.keys()
    need(not missing, f"missing: {', '.join(sorted(missing))}")
    foreign = certificate.keys() - _COMMON.keys() - needed - allowed
    need(not foreign, f"fields of another claim: {sorted(foreign)!r:.80}")


def parts(domain: syntax.Domain, at: Fraction) -> list[syntax.Domain]:
    """The values of a domain below, at and above a rational that lies in it (those that exist).

    Example:
        >>> len(parts(syntax.Domain(Fraction(0), Fraction(1)), Fraction(1, 2)))
        3
    """
    need(at in domain, f"{at} is not in the domain that is split")
    below = (
        [syntax.Domain(domain.low, at, domain.low_open, high_open=True)] if domain.low != at else []
    )
    above = [syntax.Domain(at, domain.high, True, domain.high_open)] if domain.high != at else []
    return [*below, syntax.Domain(at, at, False, False), *above]


def leaves(
    c: Mapping[str, Any], within: syntax.Domains
) -> Iterator[tuple[Mapping[str, Any], syntax.Domains]]:
    """The certificates without a split, each with the parts of domains on which it is checked.

    Raises:
        Rejected: a split is malformed, or its cases do not cover the domain.

    Example:
        >>> [within for _, within in leaves({"claim": "proper"}, {})]
        [{}]
    """
    if "split" not in c:
        yield c, within
        return
    common = {name: c[name] for name in (*_COMMON, *sorted(_STATED & c.keys()))}
    split = c["split"]
    need(
        c.keys() == {*common, "split"}
        and "evidence" in {*CLAIMS[c["claim"]][1], *CLAIMS[c["claim"]][2]},
        "a split stands for evidence",
    )
    need(split.keys() == {"parameter", "at", "cases"}, "a split has a parameter, at, and cases")
    name = split["parameter"]
    need(name in c["parameters"], f"the split is by {name!r:.40}, which is not a parameter")
    domain = within[name] if name in within else syntax.parse_domain(c["parameters"][name])[1]
    pieces = parts(domain, syntax.rational(split["at"]))
    need(
        len(pieces) == len(split["cases"]),
        f"{len(pieces)} cases are needed, got {len(split['cases'])}",
    )
    for piece, case in zip(pieces, split["cases"], strict=True):
        need(not case.keys() & common.keys(), "a case holds evidence alone")
        yield from leaves({**common, **case}, {**within, name: piece})


def _stated(certificate: Mapping[str, Any]) -> str:
    """The fields of `_STATED` in words, after the name of the claim."""
    if "grades" in certificate:
        return f" {', '.join(certificate['grades'])}"
    if "pays" in certificate:
        return f", where it earns {certificate['pays']}"
    if "false_positive" in certificate:
        rates = certificate["false_positive"], certificate["false_negative"]
        return " (false positive rate {}, false negative rate {})".format(*rates)
    if "levels" in certificate:
        shown = certificate["levels"]
        listed = ", ".join(shown if len(shown) < 6 else [*shown[:2], "...", shown[-1]])
        return f" of {len(shown)} levels ({listed})"
    return ""


def verify(certificate: Mapping[str, Any]) -> str:
    """The claim in words, if the certificate proves it.

    Args:
        certificate: a JSON object, as described at the top of this file.

    Raises:
        Rejected: the certificate does not prove its claim, is malformed, or needs more than
            `MAX_WORK` steps; the message says which.

    Example:
        >>> verify({"schema": 2, "claim": "strictly proper", "formula": "c - lam*(q-c)^2",
        ...         "parameters": {"lam": "0 < lam <= 1"}, "evidence": [{"kind": "terms"}]})
        'c - lam*(q-c)^2 is strictly proper for 0 < lam <= 1'
    """
    try:
        with limited(MAX_WORK):
            for c, within in leaves(certificate, {}):
                _check_shape(c)
                part = Subject(
                    c["formula"], c["parameters"], c.get("breakpoints", ()), within.items()
                )
                CLAIMS[c["claim"]][0](part, c)
    except (
        ArithmeticError,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as reason:
        raise Rejected(f"{type(reason).__name__}: {reason}") from reason
    fixed = {name: f"{name} = {value}" for name, value in certificate.get("values", {}).items()}
    told = ", ".join({**certificate["parameters"], **fixed}.values())
    verb = "has: " if certificate["claim"] in claims_abstention.ABSTENTION_CLAIMS else "is "
    claim = f"{verb}{certificate['claim']}{_stated(certificate)}"
    if certificate["claim"] == "failure thresholds" and "split" not in certificate:
        (a, b), (low, high) = certificate["local"], certificate["global"]
        claim = (
            f"fails locally for p below a threshold in [{a}, {b}], and globally below one in"
            f" [{low}, {high}]"
        )
    return f"{certificate['formula']} {claim}" + (f" for {told}" if told else "")
