"""Parameters and their domains: reading, narrowing, and merging those of two rewards."""

from __future__ import annotations

from fractions import Fraction

from proofs.kernel.formula import Domain, Domains, Node, Number, parse_domain, substitute
from proofs.trees import domain_text, point
from scoring_theory.reward.algebra import exact

Parameter = int | float | Fraction | str | Domain


def fixed(domain: Domain) -> Fraction | None:
    """The value of a parameter whose domain is one point, else None.

    Example:
        >>> fixed(point(Fraction(1, 2))), fixed(Domain())
        (Fraction(1, 2), None)
    """
    return domain.low if domain.low is not None and domain.low == domain.high else None


def as_domain(name: str, value: object) -> Domain:
    """The domain that a number, a `Domain`, or a text like `1/2` or `0 < lam <= 1` stands for.

    Raises:
        ValueError: the text names another parameter, or is not a domain.

    Example:
        >>> domain_text("lam", as_domain("lam", "lam > 0"))
        '0 < lam'
    """
    if isinstance(value, Domain):
        return value
    if not isinstance(value, str):
        return point(exact(value, name=f"`{name}`"))
    text = value if any(mark in value for mark in "<>=") or name in value else f"{name} = {value}"
    named, domain = parse_domain(text)
    if named != name:
        raise ValueError(f"the domain of `{name}` must be written with its name, got {value!r}")
    return domain


def within(name: str, narrow: Domain, wide: Domain) -> Domain:
    """The narrower domain, if it lies in the wider one.

    Raises:
        ValueError: it does not.

    Example:
        >>> within("lam", as_domain("lam", 2), as_domain("lam", "0 < lam <= 1"))
        Traceback (most recent call last):
        ValueError: `lam` must satisfy 0 < lam <= 1, got lam = 2
    """
    value = fixed(narrow)
    covered = _covers_low(wide, narrow) and _covers_high(wide, narrow)
    if not (covered if value is None else value in wide):
        raise ValueError(
            f"`{name}` must satisfy {domain_text(name, wide)}, got {domain_text(name, narrow)}"
        )
    return narrow


def _covers_low(wide: Domain, narrow: Domain) -> bool:
    if wide.low is None or narrow.low is None:
        return wide.low is None
    return wide.low < narrow.low or (
        wide.low == narrow.low and (narrow.low_open or not wide.low_open)
    )


def _covers_high(wide: Domain, narrow: Domain) -> bool:
    if wide.high is None or narrow.high is None:
        return wide.high is None
    return wide.high > narrow.high or (
        wide.high == narrow.high and (narrow.high_open or not wide.high_open)
    )


def merged(left: tuple[Node, Domains], right: tuple[Node, Domains]) -> tuple[Node, Node, Domains]:
    """Two formulas over one set of parameters.

    A name with two different values is replaced by its value in each formula.

    Raises:
        ValueError: one name has two different domains, so that the sum would be ambiguous.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> lam = parse("lam", ["lam"])
        >>> merged((lam, {"lam": point(Fraction(1))}), (lam, {"lam": point(Fraction(2))}))
        (Number(value=Fraction(1, 1)), Number(value=Fraction(2, 1)), {})
    """
    formulas, ours, theirs = [left[0], right[0]], left[1], right[1]
    domains = {**ours, **theirs}
    for name in ours.keys() & theirs.keys():
        pair = (ours[name], theirs[name])
        if pair[0] == pair[1]:
            continue
        values = [fixed(domain) for domain in pair]
        if None in values:
            one, other = (domain_text(name, domain) for domain in pair)
            raise ValueError(f"`{name}` means {one} in one reward and {other} in the other")
        formulas = [
            substitute(f, {name: Number(v)})
            for f, v in zip(formulas, values, strict=True)
            if v is not None
        ]
        del domains[name]
    return formulas[0], formulas[1], domains
