"""Rewards from the command line: typed formulas with parameters, in which names of the catalogue are words."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from scoring_theory.cli.parser import UsageError, formula, nearest

REFUSE = "refuse"
"""Said of `--missing`: such answers are not accepted at all."""

if TYPE_CHECKING:
    from fractions import Fraction

    from proofs.kernel.formula import Domain
    from scoring_theory.catalogue import Entry
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
    """A typed formula, in which names of the catalogue are words; every declared parameter must occur in it.

    Raises:
        FormulaError: not a formula.
        UsageError: a declared parameter does not occur.
    """
    from scoring_theory.catalogue.words import parse_reward

    reward = parse_reward(text, declared).called("")
    _all_used(text, declared, reward)
    return reward


def components(texts: Sequence[str]) -> list[tuple[str, Fraction, Reward]]:
    """Parts of a reward, each typed as NAME:WEIGHT:FORMULA.

    Raises:
        UsageError: a text that is not of this form, or a name twice.

    Example:
        >>> [(name, str(weight), part.text) for name, weight, part in components(["brier:1/2:-(q-c)^2"])]
        [('brier', '1/2', '-(q - c)^2')]
    """
    from fractions import Fraction

    from scoring_theory.catalogue.words import parse_reward

    found: list[tuple[str, Fraction, Reward]] = []
    for text in texts:
        name, _, rest = text.partition(":")
        weight, separated, typed_formula = rest.partition(":")
        try:
            share = Fraction(weight.strip())
        except (ValueError, ZeroDivisionError):
            separated = ""
        if not separated or not name.strip():
            raise UsageError(
                f"a component is NAME:WEIGHT:FORMULA, such as brier:1/2:-(q - c)^2, got {text!r}"
            )
        if name.strip() in (known for known, _, _ in found):
            raise UsageError(f"the component `{name.strip()}` is given twice")
        found.append((name.strip(), share, parse_reward(typed_formula.strip()).called("")))
    return found


def total(parts: Sequence[tuple[str, Fraction, Reward]]) -> Reward:
    """The weighted sum of components.

    Example:
        >>> total(components(["correct:1:c", "brier:1/2:-(q-c)^2"])).text
        'c - 1/2*(q - c)^2'
    """
    weighted = [weight * part for _, weight, part in parts]
    return sum(weighted[1:], weighted[0])


def entry(name: str) -> Entry:
    """An entry of the catalogue, by its name.

    Raises:
        UsageError: no such name; the nearest ones are offered.
    """
    from scoring_theory.catalogue import CATALOGUE
    from scoring_theory.catalogue.words import find

    found = find(name)
    if found is None:
        raise UsageError(f"the catalogue has no entry {name!r}{_near(name, list(CATALOGUE))}")
    return found


def named(name: str, declared: Mapping[str, Domain]) -> Reward:
    """The reward of that name, with its own constants where nothing else is declared."""
    found = entry(name)
    return found.family.bind(**{**found.constants, **declared})


def named_or_typed(text: str) -> Reward:
    """What `--reward` takes: the name of a reward, or a formula without parameters; called by its text.

    Raises:
        UsageError: the name of a score, which alone does not pay for being right; or no such name.
    """
    from scoring_theory.catalogue.words import find

    found = find(text)
    if found is not None and found.role == "score":
        raise UsageError(
            f"{text} is a score; as a reward beside correctness write {_beside_correctness(found)}"
        )
    if found is not None or (text.isidentifier() and text not in ("q", "c")):
        return named(text, {}).called(
            text
        )  # a misspelt name deserves names, not a remark on grammar
    return typed(text, {}).called(text)


def _beside_correctness(score: Entry) -> str:
    """What to write instead of the bare name of a score: the name of the reward if there is one, and the formula."""
    from scoring_theory.catalogue import CATALOGUE

    beside = f"c - {score.formula[1:]}" if score.formula.startswith("-") else f"c + {score.formula}"
    same = [
        f"`--reward {key}` or "
        for key, one in CATALOGUE.items()
        if one.formula == beside and not one.domains
    ]
    return f'{"".join(same[:1])}`--reward "c + {score.key}"`'


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
