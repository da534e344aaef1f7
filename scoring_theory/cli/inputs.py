"""Rewards from the command line: typed formulas with parameters, or names of the catalogue and of published rewards."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from scoring_theory.cli.parser import UsageError, formula, nearest

REFUSE = "refuse"
"""Said of `--missing`: such answers are not accepted at all."""
_BESIDE = re.compile(r"c\s*\+\s*(?:(?P<weight>\d+(?:\.\d+)?)\s*\*\s*)?(?P<name>[a-z_]\w+)", re.ASCII)

if TYPE_CHECKING:
    from fractions import Fraction

    from proofs.kernel.formula import Domain
    from scoring_theory.catalogue.published import Published
    from scoring_theory.catalogue.rule import Rule
    from scoring_theory.checking import Report
    from scoring_theory.reward import Reward


def add_parameters(parser: argparse.ArgumentParser) -> None:
    """`--param`, which may be repeated."""
    parser.add_argument(
        "--param",
        action="append",
        default=[],
        type=formula,
        metavar="NAME=VALUE",
        help="a parameter: a value, lam=0.5, or a domain, '0 < lam <= 1'; may be repeated",
    )


def parameters(texts: Sequence[str]) -> dict[str, Domain]:
    """The declared parameters.

    Raises:
        UsageError: one name twice.
        FormulaError: a text that is no parameter.

    Example:
        >>> parameters(["0 < lam <= 1"])["lam"].high
        Fraction(1, 1)
    """
    from proofs.kernel.formula import parse_domain

    found: dict[str, Domain] = {}
    for text in texts:
        name, domain = parse_domain(text)
        if name in found:
            raise UsageError(f"the parameter `{name}` is given twice")
        found[name] = domain
    return found


def typed(text: str, declared: Mapping[str, Domain]) -> Reward:
    """A typed formula; every declared parameter must occur in it.

    Raises:
        FormulaError: not a formula.
        UsageError: not a formula, since a word of it is a name of the catalogue.
    """
    from proofs.kernel.formula import FormulaError
    from scoring_theory.reward import Reward

    try:
        reward = Reward.parse(text, parameters=declared)
    except FormulaError as error:
        raise (_names_a_rule(text, error) or error) from None
    _all_used(text, declared, reward)
    return reward


def _names_a_rule(text: str, error: Exception) -> UsageError | None:
    from scoring_theory.catalogue import CATALOGUE
    from scoring_theory.catalogue.published import PUBLISHED

    for word in re.findall(r"[a-z_]\w+(?!\w*\s*\()", text, re.ASCII):
        if word in CATALOGUE or word in PUBLISHED:
            return UsageError(f"{error}; `scoring-theory rules {word}` tells the formula of {word}")
    return None


def components(texts: Sequence[str]) -> list[tuple[str, Fraction, Reward]]:
    """Parts of a reward, each typed as NAME:WEIGHT:FORMULA.

    Raises:
        UsageError: a text that is not of this form, or a name twice.

    Example:
        >>> [(name, str(weight), part.text) for name, weight, part in components(["brier:1/2:-(q-c)^2"])]
        [('brier', '1/2', '-(q - c)^2')]
    """
    from fractions import Fraction

    from scoring_theory.reward import Reward

    found: list[tuple[str, Fraction, Reward]] = []
    for text in texts:
        name, _, rest = text.partition(":")
        weight, separated, typed_formula = rest.partition(":")
        try:
            share = Fraction(weight.strip())
        except (ValueError, ZeroDivisionError):
            separated = ""
        if not separated or not name.strip():
            raise UsageError(f"a component is NAME:WEIGHT:FORMULA, such as brier:1/2:-(q - c)^2, got {text!r}")
        if name.strip() in (known for known, _, _ in found):
            raise UsageError(f"the component `{name.strip()}` is given twice")
        found.append((name.strip(), share, Reward.parse(typed_formula.strip())))
    return found


def total(parts: Sequence[tuple[str, Fraction, Reward]]) -> Reward:
    """The weighted sum of components.

    Example:
        >>> total(components(["correct:1:c", "brier:1/2:-(q-c)^2"])).text
        'c - 1/2*(q - c)^2'
    """
    weighted = [weight * part for _, weight, part in parts]
    return sum(weighted[1:], weighted[0])


def entry(name: str) -> Rule | Published:
    """A rule of the catalogue or a published reward, by its name.

    Raises:
        UsageError: no such name; the nearest ones are offered.
    """
    from scoring_theory.catalogue import CATALOGUE
    from scoring_theory.catalogue.published import PUBLISHED

    found = CATALOGUE.get(name) or PUBLISHED.get(name)
    if found is None:
        raise UsageError(f"no rule or published reward is called {name!r}{_near(name, [*CATALOGUE, *PUBLISHED])}")
    return found


def named(name: str, declared: Mapping[str, Domain]) -> Reward:
    """The reward of that name, with its own constants where nothing else is declared."""
    from scoring_theory.catalogue.rule import Rule

    found = entry(name)
    constants = found.defaults if isinstance(found, Rule) else found.constants
    return found.family.bind(**{**constants, **declared})


def named_or_typed(text: str) -> Reward:
    """A name, a rule beside correctness (`c + 0.5*spherical`), or a formula without parameters; called by its text."""
    if match := _BESIDE.fullmatch(text):
        return _beside_correctness(match["name"], match["weight"] or "1").called(text)
    if text.isidentifier() and text not in ("q", "c"):
        return named(text, {}).called(text)  # a misspelt name deserves names, not a remark on grammar
    return typed(text, {}).called(text)


def trainable(text: str) -> Reward:
    """The same, where a scoring rule alone would be a mistake: it pays nothing for being right.

    Raises:
        UsageError: the bare name of a scoring rule.
    """
    from scoring_theory.catalogue import CATALOGUE

    if text in CATALOGUE and text != "correctness":
        raise UsageError(f"`{text}` is a scoring rule and pays nothing for being right; write 'c + {text}'")
    return named_or_typed(text)


def _beside_correctness(name: str, weight: str) -> Reward:
    from fractions import Fraction

    from scoring_theory.catalogue import correctness

    return correctness + Fraction(weight) * named(name, {})


def _all_used(text: str, declared: Mapping[str, Domain], reward: Reward) -> None:
    for name in declared:
        if name not in reward.domains:
            raise UsageError(f"the parameter `{name}` does not occur in {text!r}")


def _near(name: str, known: Sequence[str]) -> str:
    near = nearest(name, known, count=3)
    listed = f"; did you mean {', '.join(near)}?" if near else ""
    return f"{listed} (`scoring-theory rules` lists them)"


def payoff(text: str) -> float:
    """A payoff as an exact number was typed: `-1`, `0.25`, `-1/2`.

    Raises:
        FormulaError: something else; or more than a float can hold.
    """
    from proofs.kernel.formula import FormulaError, rational

    try:
        return float(rational(text.strip()))
    except OverflowError:
        raise FormulaError(f"expected a number like 0.25 or -3/4, got {text.strip()!r}") from None


def certificate_of(report: Report) -> str:
    """The proof as JSON.

    Raises:
        ValueError: nothing is decided; a file that says nothing would look like a proof.
    """
    import json

    certificate = report.to_json()["certificate"]
    if certificate is None:
        raise ValueError("there is no certificate to write: nothing is proved or refuted")
    return json.dumps(certificate, indent=2) + "\n"
