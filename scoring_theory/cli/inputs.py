"""Rewards from the command line: typed formulas with parameters and with names of the catalogue."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from scoring_theory.checkers import CHECKERS
from scoring_theory.cli.parser import UsageError, formula
from scoring_theory.readers import READERS, Reader, as_reader
from scoring_theory.spelling import framework_name, plain_name, similar_names

REFUSE = "refuse"
"""The value of `--missing` under which answers without a confidence are not accepted."""

if TYPE_CHECKING:
    from fractions import Fraction

    from proofs.kernel.formula import Domain
    from scoring_theory.catalogue import Entry
    from scoring_theory.checking import Report
    from scoring_theory.reward import Reward


def add_parameters(parser: argparse.ArgumentParser) -> None:
    """Declare `--param`, which may be repeated.

    Example:
        >>> parser = argparse.ArgumentParser()
        >>> add_parameters(parser)
        >>> parser.parse_args(["--param", "lam=0.5"]).param
        ['lam=0.5']
    """
    parser.add_argument(
        "--param",
        action="append",
        default=[],
        type=formula,
        metavar="NAME=VALUE",
        help="lam=0.5 fixes a parameter, '0 < lam <= 1' declares its interval; may be repeated",
    )


def add_reader(parser: argparse.ArgumentParser, what: str) -> None:
    """Declare `--reader`, whose text is checked as it is parsed.

    Example:
        >>> parser = argparse.ArgumentParser()
        >>> add_reader(parser, "the format")
        >>> parser.parse_args(["--reader", "percent,occurrence=last"]).reader
        Reader(occurrence='last', scale='percent')
    """
    parser.add_argument(
        "--reader",
        type=_reader,
        metavar="NAME[,OPTION=VALUE...]",
        help=f"{what}: {', '.join(READERS)}, with options such as occurrence=last, or JSON (tags)",
    )


def framework(*known: str) -> Callable[[str], str]:
    """The argument type of `--framework`: any capitals, hyphens, and names of relatives.

    Example:
        >>> framework("trl", "verifiers")("prime-rl")
        'verifiers'
    """

    def named_framework(text: str) -> str:
        try:
            return framework_name(text, known)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error).replace("`framework`", "it")) from None

    return named_framework


def _reader(text: str) -> Reader:
    try:
        return as_reader(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def add_checker(parser: argparse.ArgumentParser) -> None:
    """Declare `--checker` and `--truth-key`.

    Example:
        >>> parser = argparse.ArgumentParser()
        >>> add_checker(parser)
        >>> parser.parse_args(["--checker", "gsm8k"]).checker
        'gsm8k'
    """
    parser.add_argument(
        "--checker",
        type=plain_name,
        choices=list(CHECKERS),
        help="how an answer is compared with the truth (exact_match)",
    )
    parser.add_argument(
        "--truth-key", metavar="KEY", help="the key of the answer, where the truth is a dictionary"
    )


def parameters(texts: Sequence[str]) -> dict[str, Domain]:
    """The declared parameters.

    Raises:
        UsageError: a name is given twice.
        FormulaError: a text is not a valid parameter.

    Example:
        >>> parameters(["0 < lam <= 1"])["lam"].high
        Fraction(1, 1)
    """
    declared: dict[str, Domain] = {}
    if not texts:
        return declared
    from proofs.kernel.formula import parse_domain
    from scoring_theory.expression.aliases import rewrite_domain

    for text in texts:
        name, domain = parse_domain(rewrite_domain(text))
        if name in declared:
            raise UsageError(f"the parameter `{name}` is given twice")
        declared[name] = domain
    return declared


def typed(text: str, declared: Mapping[str, Domain]) -> Reward:
    """The reward of a typed formula, which may contain names of the catalogue.

    Raises:
        FormulaError: the text is not a formula.
        UsageError: a declared parameter does not occur in the formula.

    Example:
        >>> list(typed("c + lam*brier", parameters(["0 < lam <= 1"])).domains)
        ['lam']
    """
    reward = _parsed(
        text, declared, "--param {name}=0.5 or --param '0 < {name} <= 1' declares a parameter"
    )
    _all_used(text, declared, reward)
    return reward


def components(texts: Sequence[str]) -> list[tuple[str, Fraction, Reward]]:
    """The components of a reward, each typed as NAME:WEIGHT:FORMULA.

    Raises:
        UsageError: a text does not have this form, or a name is given twice.

    Example:
        >>> ((name, weight, part),) = components(["brier:1/2:-(q-c)^2"])
        >>> name, str(weight), part.text
        ('brier', '1/2', '-(q - c)^2')
    """
    from fractions import Fraction

    from scoring_theory.catalogue.words import parse_reward

    parts: list[tuple[str, Fraction, Reward]] = []
    for text in texts:
        name, _, rest = text.partition(":")
        weight, separated, typed_formula = rest.partition(":")
        try:
            share = Fraction(weight.strip())
        except (ValueError, ZeroDivisionError):
            separated = ""
        if not separated or not name.strip():
            raise UsageError(
                f"--component takes NAME:WEIGHT:FORMULA, such as brier:1/2:-(q - c)^2, got {text!r}"
            )
        if name.strip() in (earlier for earlier, _, _ in parts):
            raise UsageError(f"the component `{name.strip()}` is given twice")
        parts.append((name.strip(), share, parse_reward(typed_formula.strip()).called("")))
    return parts


def weighted_sum(parts: Sequence[tuple[str, Fraction, Reward]]) -> Reward:
    """The weighted sum of components.

    Example:
        >>> weighted_sum(components(["correct:1:c", "brier:1/2:-(q-c)^2"])).text
        'c - 1/2*(q - c)^2'
    """
    weighted = [weight * part for _, weight, part in parts]
    return sum(weighted[1:], weighted[0])


def entry(name: str) -> Entry:
    """The entry of the catalogue with this name.

    Raises:
        UsageError: there is no such entry; the message suggests the most similar names.

    Example:
        >>> entry("rlcr").formula
        'c - (q - c)^2'
    """
    from scoring_theory.catalogue import CATALOGUE
    from scoring_theory.catalogue.words import find

    found = find(name)
    if found is None:
        raise UsageError(f"the catalogue has no entry {name!r}{_near(name, list(CATALOGUE))}")
    return found


def named(name: str, declared: Mapping[str, Domain]) -> Reward:
    """The reward of this name, with the entry's constants for parameters that are not declared.

    Raises:
        UsageError: there is no such entry.

    Example:
        >>> named("power", parameters(["alpha=3"])).free_parameters
        ()
    """
    member = entry(name)
    return member.family.bind(**{**member.constants, **declared})


def named_or_typed(text: str) -> Reward:
    """The reward of `--reward`: a catalogue name, or a formula without parameters.

    The reward is called by its text. A misspelt name is answered with similar names, not with an
    error of the formula's grammar.

    Raises:
        UsageError: the name of a score, which alone does not reward accuracy; or no such name.

    Example:
        >>> named_or_typed("rlcr").text, named_or_typed("c + 2*brier").name
        ('c - (q - c)^2', 'c + 2*brier')
    """
    from scoring_theory.catalogue.words import find

    found = find(text)
    if found is not None and found.role == "score":
        raise UsageError(
            f"{text} is a score, which does not reward accuracy; add correctness:"
            f" {_beside_correctness(found)}"
        )
    if found is not None or (text.isidentifier() and text not in ("q", "c")):
        return named(text, {}).called(text)
    return _parsed(text, {}, "write a number in place of a parameter").called(text)


def _parsed(text: str, declared: Mapping[str, Domain], hint: str) -> Reward:
    """The reward of a formula; an unknown name is answered with what this command understands."""
    from proofs.kernel.formula import UnknownName
    from scoring_theory.catalogue.words import parse_reward

    try:
        return parse_reward(text, declared).called("")
    except UnknownName as error:
        name = (re.findall(r"unknown name '(\w+)'", str(error)) or ["NAME"])[0]
        if name == text.strip():  # nobody types a parameter alone
            from scoring_theory.catalogue import CATALOGUE

            raise UnknownName(
                f"{name!r} is neither a formula nor a name of the catalogue"
                f"{_near(name, list(CATALOGUE))}"
            ) from None
        raise UnknownName(f"{error}; {hint.format(name=name)}") from None


def _beside_correctness(score: Entry) -> str:
    """What to type instead of a score's name: the reward's name, if there is one, and a formula."""
    from scoring_theory.catalogue import CATALOGUE

    beside = f"c - {score.formula[1:]}" if score.formula.startswith("-") else f"c + {score.formula}"
    names = [
        f"`--reward {key}` or "
        for key, reward in CATALOGUE.items()
        if reward.formula == beside and not reward.domains
    ]
    return f'{"".join(names[:1])}`--reward "c + {score.key}"`'


def _all_used(text: str, declared: Mapping[str, Domain], reward: Reward) -> None:
    for name in declared:
        if name not in reward.domains:
            raise UsageError(f"the parameter `{name}` does not occur in {text!r}")


def _near(name: str, known: Sequence[str]) -> str:
    similar = similar_names(name, known, count=3)
    suggestion = f"; did you mean {', '.join(similar)}?" if similar else ""
    return f"{suggestion} (`scoring-theory rules` lists them)"


def payoff_value(text: str) -> float:
    """The float of a number typed as an integer, decimal or fraction: `-1`, `0.25`, `-1/2`.

    Raises:
        FormulaError: the text is not such a number, or it is beyond the range of floats.

    Example:
        >>> payoff_value("-1/2")
        -0.5
    """
    from proofs.kernel.formula import FormulaError, rational

    try:
        return float(rational(text.strip()))
    except OverflowError:
        raise FormulaError(f"expected a number like 0.25 or -3/4, got {text.strip()!r}") from None


def certificate_of(report: Report) -> str:
    """The certificate of a report as JSON.

    Its certificates hold the formula in the kernel's grammar; `typed` is the formula as it was
    typed, where that is another text (a name of the catalogue, or the notation of a paper).

    Raises:
        ValueError: nothing is proved or refuted; an empty file could be mistaken for a proof.

    Example:
        >>> from scoring_theory.checking import check
        >>> certificate_of(check("c")).splitlines()[1]
        '  "schema": 2,'
    """
    import json

    certificate = report.to_json()["certificate"]
    if certificate is None:
        raise ValueError("there is no certificate to write: nothing is proved or refuted")
    formulas = {one["formula"] for one in certificate["certificates"]}
    typed = {} if formulas == {report.formula} else {"typed": report.formula}
    return json.dumps({"schema": certificate["schema"], **typed, **certificate}, indent=2) + "\n"
