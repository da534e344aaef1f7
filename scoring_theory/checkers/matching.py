"""Checkers that compare texts, numbers and choices: `(answer, truth) -> bool`."""

from __future__ import annotations

import re
import string
from decimal import Decimal
from fractions import Fraction

from scoring_theory.checkers.truths import accepted_answers

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]{1,4})?")
_SIGN = r"(?:[$€£][+-]|[+-]?[$€£]?)"
_AMOUNT = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,300})?(?:\.\d{0,300})?(?:[eE][+-]?\d{1,3})?"
_NUMERAL = re.compile(rf"(?={_SIGN}\.?\d){_SIGN}{_AMOUNT}(?:/\d{{1,300}})?%?", re.ASCII)
_BARE = re.compile(r"[$€£,%]")
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_MINUS = str.maketrans("\u2212\ufe63\uff0d", "---")
_WRAPPED = re.compile(r"\\(?:text|math|boxed)(?:bf|it|rm|sf|tt)?\s*\{([^{}]*)\}|\\[()\[\]]")
_CALLED = r"(?:(?i:option|choice|answer)\b(?:\s*:)?\s*)?"
_AFTER = r"\s*[)\].:]+\s*(.*)|\s+[-\u2013\u2014](?!\s*[A-Za-z]\W*\Z)\s+(.*)|\s*"
_CHOICE = re.compile(rf"{_CALLED}[(\[]?([A-Za-z])(?:{_AFTER})", re.DOTALL)


def exact_match(answer: str, truth: object) -> bool:
    """Whether an answer equals an accepted one, as text, or as a number if the truth is a number.

    Texts are compared after lower-casing, joining white space and removing punctuation at the end.

    Args:
        answer: the answer of the model.
        truth: a text or a number; a list, tuple, set or array has several accepted answers.

    Raises:
        TruthError: see `accepted_answers`.

    Example:
        >>> exact_match(" Paris.", "paris"), exact_match("4", ["four", "4"]), exact_match("4", 4.0)
        (True, True, True)
    """
    return any(_equal(answer, accepted) for accepted in accepted_answers(truth))


def numbers(answer: str, truth: object) -> bool:
    """Whether an answer is the number of an accepted one, however it is written.

    Thousands separators, a currency sign, a percent sign, the kind of minus and zeros at the end
    make no difference, and a fraction equals its decimal. A truth that is not a number is compared
    by `exact_match`.

    Args:
        answer: the answer of the model, a number and nothing else.
        truth: as in `exact_match`.

    Raises:
        TruthError: see `accepted_answers`.

    Example:
        >>> [numbers(text, "1,000") for text in ("1000", "$1,000.00", "1e3", "1,00", "1000 apples")]
        [True, True, True, False, False]
    """
    given = _value(answer)
    return any(
        exact_match(answer, accepted) if (known := _value(accepted)) is None else given == known
        for accepted in accepted_answers(truth)
    )


def gsm8k(answer: str, truth: object) -> bool:
    """Whether an answer is the number after `####` in a truth of GSM8K.

    The answer may have words beside its number, such as a unit, but only one number.

    Args:
        answer: the answer of the model.
        truth: a solution that ends in `#### 72`, or the number; as in `exact_match`.

    Raises:
        TruthError: see `accepted_answers`.

    Example:
        >>> truth = "She sold 48 + 24 = <<48+24=72>>72 clips. #### 72"
        >>> [gsm8k(text, truth) for text in ("72", "72 clips", "#### 72", "48, 72")]
        [True, True, True, False]
    """
    final = answer.rpartition("####")[2].translate(_MINUS)
    said = [match[0].rstrip("./") for match in _NUMERAL.finditer(final)]
    if len(said) != 1:
        return False
    finals = [
        accepted.rpartition("####")[2] if isinstance(accepted, str) else accepted
        for accepted in accepted_answers(truth)
    ]
    return numbers(said[0], finals)


def squad(answer: str, truth: object) -> bool:
    """Whether an answer equals an accepted one after SQuAD's normalisation, which RLCR uses.

    Lower case, without punctuation, without the articles a, an and the, single spaces.

    Args:
        answer: the answer of the model.
        truth: as in `exact_match`.

    Raises:
        TruthError: see `accepted_answers`.

    Source: Rajpurkar et al. 2016, arXiv 1606.05250.

    Example:
        >>> squad("The Beatles!", "beatles"), squad("Beatles", "Beach Boys")
        (True, False)
    """
    given = _normalised(answer)
    return bool(given) and any(
        given == _normalised(str(accepted)) for accepted in accepted_answers(truth)
    )


def multiple_choice(answer: str, truth: object) -> bool:
    r"""Whether an answer chooses the letter of an accepted one: "B" and "(b) Paris" are equal.

    So are "[B]", "Option B", "B - Paris" and \text{B}. Where one of the two has no letter, the
    texts without letters are compared by `exact_match`. A truth that is an integer counts the
    choices from 0, as MMLU does.

    Args:
        answer: the answer of the model.
        truth: as in `exact_match`.

    Raises:
        TruthError: see `accepted_answers`.

    Example:
        >>> [multiple_choice(text, "B) Paris") for text in ("B", "(b)", "b. Paris", "Paris", "A")]
        [True, True, True, True, False]
        >>> multiple_choice("B", 1)
        True
    """
    letter, text = _letter_and_text(answer)
    for accepted in accepted_answers(truth):
        if isinstance(accepted, int) and not isinstance(accepted, bool) and 0 <= accepted < 26:
            accepted = string.ascii_uppercase[accepted]
        right_letter, right_text = _letter_and_text(str(accepted))
        if letter and right_letter:
            if letter == right_letter:
                return True
        elif text and right_text and exact_match(text, right_text):
            return True
    return False


def _letter_and_text(text: str) -> tuple[str, str]:
    """The letter of a choice and the text beside it; either may be empty."""
    plain = _WRAPPED.sub(r"\1", _WRAPPED.sub(r"\1", text))
    bare = plain.strip().strip("*$`\"'").strip()
    match = _CHOICE.fullmatch(bare)
    if match is None:
        return "", bare
    return match[1].upper(), (match[2] or match[3] or "").strip()


def _normalised(text: str) -> str:
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def _value(text: str | float) -> Fraction | None:
    """The number that a text is, or None."""
    if isinstance(text, bool):
        return None
    if isinstance(text, int):
        return Fraction(text)
    if isinstance(text, float):
        return Fraction(repr(text))
    bare = text.strip().removesuffix(".").translate(_MINUS)
    if _NUMERAL.fullmatch(bare) is None:
        return None
    try:
        return Fraction(_BARE.sub("", bare))
    except (ValueError, ZeroDivisionError):  # such as 1/0
        return None


def _equal(answer: str, truth: str | float) -> bool:
    given = _plain(answer)
    if isinstance(truth, str | bool):
        return bool(given) and given == _plain(str(truth))
    exact = (
        truth if isinstance(truth, int) else Decimal(str(truth))
    )  # Python prints no integer of 5,000 digits
    return _DECIMAL.fullmatch(given) is not None and Decimal(given) == exact


def _plain(text: str) -> str:
    """The text for comparison; inner punctuation and a leading sign are kept (0.5, -4)."""
    joined = " ".join(text.lower().translate(_MINUS).split())
    return joined.rstrip(string.punctuation.translate(str.maketrans("", "", "%)]}"))).lstrip("'\"")
