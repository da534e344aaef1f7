"""Names of the catalogue in formulas: "c + spherical" is expanded before it is parsed."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache

from proofs.kernel.formula import FormulaError, parse
from proofs.trees import unparse
from scoring_theory.catalogue import CATALOGUE
from scoring_theory.catalogue.entry import Entry
from scoring_theory.expression.pasted import rewritten
from scoring_theory.reward import Reward
from scoring_theory.reward.parameters import Parameter

_OTHERWISE = {
    "tsallis": "power", "quadratic": "brier", "mse": "brier", "meansquared": "brier",
    "squared": "brier", "logarithmic": "log", "ignorance": "log", "nll": "log", "ce": "log",
    "negativeloglikelihood": "log", "crossentropy": "log", "bce": "log", "adaboost": "boosting",
    "exponentialloss": "boosting", "absolute": "linear", "mae": "linear", "asymmetric": "winkler",
}  # fmt: skip
"""What else is said for entries of the catalogue, in letters alone."""
_OF_NUMBERS = {
    "crps": "CRPS scores the distribution of a number; for an event it is (q - c)^2, so that its"
    " score is `brier`",
    "pinball": "the pinball loss scores a quantile of a number, and here q is the probability of an"
    " event, c = 1",
}
_OF_NUMBERS["quantile"] = _OF_NUMBERS["pinball"]
_KIND = re.compile(r"(?:scoringrule|score|rule|loss|error|reward)$")

# A name is neither an argument's name nor a call such as log(q), nor is it followed by another
# word, which no formula allows.
_AFTER = r"(?![\w.]|\s*\(|\s*(?!(?:if|else|and|or)\b)[\w.])"


def find(name: str) -> Entry | None:
    """The entry with a name, or None; case and hyphens do not matter.

    Example:
        >>> find("one-sided").key, find("RLCR").key, find("no such name")
        ('one_sided', 'rlcr', None)
    """
    return CATALOGUE.get(name.strip().lower().replace("-", "_"))


def expand_names(text: str, declared: Collection[str] = ()) -> str:
    """The formula with every name of the catalogue replaced by the formula of its entry.

    Families have their default constants. The kernel and every certificate use the result. A
    declared parameter is not replaced. A formula that the grammar refuses is first rewritten by
    `scoring_theory.expression.aliases`.

    Raises:
        FormulaError: the text is not a formula, and the reason is better known here than to the
            grammar: an ambiguous name or product, or an unknown function.

    Example:
        >>> expand_names("c + 0.5*brier"), expand_names("c + log(q)")
        ('c + 0.5*(-(q - c)^2)', 'c + log(q)')
        >>> expand_names("c - power*q", declared=["power"])
        'c - power*q'
        >>> expand_names("correct - 2(conf - correct)**2")
        'c - 2*(q - c)^2'
    """
    _require_its_name(text, declared)
    named = _with_entries(text, declared)
    try:
        parse(named, declared)
    except FormulaError:
        plain = rewritten(text, declared)
        if plain != text:
            return unparse(parse(_with_entries(plain, declared), declared))
    return named


def _require_its_name(text: str, declared: Collection[str]) -> None:
    """Refuse a name that literature uses and the catalogue does not, and say what it is here.

    Raises:
        FormulaError: the text is such a name.
    """
    letters = re.sub(r"[\s_-]", "", text.lower())
    if not letters.isalpha() or find(text) or text.strip() in (*declared, "q", "c"):
        return
    stem = _KIND.sub("", letters)
    meant = next((_OTHERWISE[one] for one in (letters, stem) if one in _OTHERWISE), stem)
    entry = find(meant)
    if entry is not None:
        told = (
            f"the catalogue calls it `{entry.key}`, {entry.formula}, of which more is better"
            " (`scoring-theory rules` lists all names)"
        )
    elif stem in _OF_NUMBERS:
        told = _OF_NUMBERS[stem]
    else:
        return
    raise FormulaError(f"{text.strip()!r} is not a formula: {told}")


def _with_entries(text: str, declared: Collection[str]) -> str:
    def formula(match: re.Match[str]) -> str:
        entry = find(match[0])
        if entry is None or match[0] in declared:
            return match[0]
        return f"({Reward(entry().bound).text if entry.domains else entry.formula})"

    return _words().sub(formula, text)


def occurring(text: str, declared: Collection[str]) -> set[str]:
    """Those of the declared parameters that a formula, or a named entry, has.

    Raises:
        FormulaError: the text is not a formula, as in `expand_names`.

    Example:
        >>> occurring("c + lam*brier", ["lam", "k"]), occurring("power", ["alpha", "k"])
        ({'lam'}, {'alpha'})
    """
    entry = find(text)
    words = entry.domains if entry else re.findall(r"\w+", expand_names(text, declared))
    return {name for name in declared if name in words}


def parse_reward(text: str, parameters: Mapping[str, Parameter] | None = None) -> Reward:
    """A reward from a formula that may contain names of the catalogue.

    A name alone also gives the reward the title and the source of the entry, and its default
    constants to parameters that are not given.

    Raises:
        FormulaError: the text is not a formula.
        ValueError: the entry has no such parameter, or its value is outside its domain.

    Example:
        >>> parse_reward("rlcr").name, parse_reward("c + spherical").name
        ('RLCR', 'c + spherical')
        >>> parse_reward("brier_k").parameters
        {'k': 'k = 2'}
    """
    entry = find(text)
    if entry is not None and entry.domains:
        return entry.family.bind(**{**entry.constants, **(parameters or {})})
    name, source = (title(text), entry.source) if entry else (text, "")
    return Reward.parse(
        expand_names(text, parameters or ()), name=name, source=source, parameters=parameters
    )


def title(name: str) -> str:
    """The label of a reward in legends and tables: the title of an entry, else the given text.

    Example:
        >>> title("one_sided"), title("c + log"), title("my reward")
        ('one-sided', 'c + log', 'my reward')
    """
    entry = find(name)
    return name if entry is None else entry.title


@cache
def _words() -> re.Pattern[str]:
    longest_first = sorted(CATALOGUE, key=len, reverse=True)
    names = "|".join(key.replace("_", "[-_]") for key in longest_first)
    return re.compile(rf"(?<![\w.])(?:{names}){_AFTER}", re.ASCII | re.IGNORECASE)
