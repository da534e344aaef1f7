r"""Formulas as papers and programs write them, rewritten into the grammar of the kernel.

    rewrite(text)  "0.5*np.square(conf - correct)" -> "0.5*((q - c)^2)"

What the kernel's grammar accepts is never rewritten, so no formula changes its meaning: `rewrite`
is for texts that the grammar refuses. It reads tokens and writes text; nothing is ever executed,
and what it writes is parsed by the kernel like any typed formula. The table is in docs/checking.md.

A word with more than one meaning is answered with the line to type instead of being guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from proofs.kernel.formula import (
    ARITY,
    CONFIDENCE,
    CORRECT,
    MAX_CHARACTERS,
    MAX_NESTING,
    RESERVED,
    FormulaError,
)
from scoring_theory.expression.notation import (
    BINARY,
    CONDITION,
    CONFIDENCE_WORDS,
    CORRECT_WORDS,
    FORECAST_WORDS,
    FUNCTIONS,
    GREEK,
    INDICATORS,
    KEPT,
    KEYWORDS,
    LETTERS,
    MODULES,
    NAME,
    OPEN,
    OUTCOME_WORDS,
    OVER_ANSWERS,
    RAISED,
    TEX_FONTS,
    TEX_FUNCTIONS,
    TEX_GREEK,
    TEX_HATS,
    TEX_SPACE,
    TEX_WORDS,
    TOKEN,
    TRUTHS,
    WRONG_WORDS,
)


class _Unreadable(Exception):
    """The text has no structure that could be rewritten; the kernel's message says why."""


class _Token(NamedTuple):
    text: str
    spaced: bool


def rewrite(text: str, declared: Collection[str] = ()) -> str:
    r"""The formula with the notation of papers and programs replaced by that of the grammar.

    Args:
        text: a formula that the grammar refuses; one that it accepts must not be passed.
        declared: names of parameters, which are never replaced.

    Returns:
        The text itself if nothing in it is an alias.

    Raises:
        FormulaError: a word or a product is ambiguous, or a function is unknown; the message says
            what to write.

    Example:
        >>> rewrite("reward = correct - 2(conf - correct)**2")
        'c - 2*(q - c)**2'
        >>> rewrite(r"\frac{1}{2}\log\left(1 - q\right)")
        '((1)/(2))*log(1 - q)'
        >>> rewrite("1 - (p - y)^2")
        Traceback (most recent call last):
        proofs.kernel.formula.FormulaError: unknown names 'p' and 'y' in '1 - (p - y)^2': ...
    """
    if len(text) > MAX_CHARACTERS:
        return text
    try:
        reader = _Reader(text, declared)
        result = reader.whole()
    except _Unreadable:
        if reader.changed and reader.open:
            raise FormulaError(f"expected {reader.open!r} at the end of {text!r}") from None
        return text
    if reader.guessed:
        raise FormulaError(reader.question(result))
    return result if reader.changed else text


def rewrite_domain(text: str) -> str:
    """The domain of a parameter with Greek letters and signs of papers in ASCII.

    Example:
        >>> rewrite_domain("0 < λ ≤ 1")
        '0 < lam <= 1'
    """
    if text.isascii() and "\\" not in text:
        return text
    plain = text.translate(LETTERS)
    words = {**TEX_WORDS, **TEX_GREEK}
    return re.sub(r"\\[A-Za-z]+", lambda found: words.get(found[0], found[0]), plain)


class _Reader:
    """One reading of a text: operators are copied, operands are rewritten.

    Attributes:
        changed: whether anything was an alias.
        guessed: the ambiguous names, with what they would be in a formula.
        open: the bracket that is missing at the end.
    """

    def __init__(self, text: str, declared: Collection[str]) -> None:
        self.text, self.declared = text, set(declared)
        self.guessed: dict[str, str] = {}
        self.nesting, self.index, self.open = 0, 0, ""
        plain = self._ascii(text)
        self.changed = plain != text
        self.tokens = self._body(list(self._tokens(plain)))

    def _ascii(self, text: str) -> str:
        lines = [line.partition("#")[0] for line in text.splitlines()]
        plain = re.sub(
            r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+",
            lambda raised: f"^({raised[0].translate(RAISED)})",
            "\n".join(lines),
        )
        if "lambda" in self.declared:
            plain = plain.replace("λ", "lambda")
        plain = plain.translate(LETTERS).strip()
        return plain.rstrip(";,.") if not re.search(r"\d\.$", plain) else plain

    def _tokens(self, text: str) -> Iterable[_Token]:
        spaced, before = False, ""
        for match in TOKEN.finditer(text):
            gap, word = bool(match[1]), match[2]
            if word in TEX_SPACE:
                self.changed = spaced = True
                continue
            if word in TEX_WORDS:
                self.changed, word = True, TEX_WORDS[word]
            if word[0] == "_" and len(word) > 1 and before[:1] in ("\\", "}") and not gap:
                yield _Token("_", False)  # an index of TeX, as in \log_2
                word = word[1:]
            yield _Token(self._greek(word), spaced or gap)
            spaced, before = False, match[2]

    def _greek(self, word: str) -> str:
        name = TEX_GREEK.get(word)
        if name is None:
            return word
        self.changed = True
        return "lambda" if name == "lam" and "lambda" in self.declared else name

    def _body(self, tokens: list[_Token]) -> list[_Token]:
        """The tokens after `return`, `lambda q, c:` and the left side of an equation."""
        words = [token.text for token in tokens]
        if words.count("return") > 1:
            raise FormulaError(
                f"{self.text!r} has more than one `return`: write one formula, such as"
                " `(x) if c else (y)`"
            )
        start = words.index("return") + 1 if "return" in words else 0
        while (after := self._left_side(words, start)) > start:
            start = after
        if words[start : start + 1] == ["lambda"] and ":" in words:
            start = words.index(":", start) + 1
        self.changed |= start > 0
        return tokens[start:]

    def _left_side(self, words: Sequence[str], start: int) -> int:
        """Where the right side of `R(q, c) = ...` begins; `start` if there is no left side."""
        if not words[start:] or not (NAME.fullmatch(words[start]) or words[start][0] == "\\"):
            return start
        depth = 0
        for place in range(start, min(start + 40, len(words))):
            word = words[place]
            depth += (word in OPEN) - (word in OPEN.values())
            if depth == 0 and word == "=":
                return place + 1
            name = NAME.fullmatch(word) and word not in RESERVED - set(ARITY)
            if not (name or word[0] == "\\" or word in "()[]{},_:&" or word.isdigit()):
                return start
            if depth == 0 and word == ",":
                return start
        return start

    # ---------------------------------------------------------------- tokens

    def peek(self, ahead: int = 0) -> str:
        place = self.index + ahead
        return self.tokens[place].text if place < len(self.tokens) else ""

    def next(self) -> _Token:
        if self.index >= len(self.tokens):
            self.open = ")"
            raise _Unreadable
        self.index += 1
        return self.tokens[self.index - 1]

    def expect(self, word: str) -> None:
        if self.next().text != word:
            raise _Unreadable

    def deeper(self, read: Callable[[], str]) -> str:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise FormulaError(f"a formula may nest at most {MAX_NESTING} brackets and powers")
        written = read()
        self.nesting -= 1
        if len(written) > MAX_CHARACTERS:
            raise FormulaError(f"a formula may have at most {MAX_CHARACTERS} characters")
        return written

    # ---------------------------------------------------------------- sequences

    def whole(self) -> str:
        written = self.sequence(())
        if self.index < len(self.tokens):
            raise _Unreadable
        return written

    def sequence(self, ends: Collection[str]) -> str:
        """Operators and operands up to one of `ends`; `*` is written between two operands."""
        parts: list[str] = []
        operand = False
        divided: list[str] | None = None  # what stands before and after the last `/`
        while self.index < len(self.tokens) and self.peek() not in ends:
            token = self.tokens[self.index]
            if self._is_operator(token.text, operand):
                self.index += 1
                word = self._operator(token.text)
                if word == "/":
                    divided = [parts[-1] if parts else ""]
                elif word not in ("^", "**"):
                    divided = None
                parts.append(f" {word} " if word.isalpha() or token.spaced else word)
                operand = False
                continue
            if operand:
                if token.text[0].isdigit():
                    self._refuse_number(parts[-1].strip(), token.text)
                if divided is not None:
                    self._refuse_unclear_division(divided, token)
                self.changed = True
                parts.append("*")
            gap = " " if token.spaced and parts and not operand and parts[-1][-1:] != " " else ""
            written = self.operand()
            parts.append(gap + written)
            if divided is not None:
                divided.append(written)
            operand = True
        return "".join(parts).strip()

    def _is_operator(self, word: str, operand: bool) -> bool:
        if word == "|":
            return False
        if word == "&":
            self.changed = True
            return True
        return (
            word in BINARY
            or word in ("if", "else", "not", "=")
            or word in ")]},:"
            or (word == "!" and not operand)
        )

    def _operator(self, word: str) -> str:
        if word in ")]},:":
            around = [
                self.tokens[i].text
                for i in (self.index - 2, self.index)
                if 0 <= i < len(self.tokens)
            ]
            if word == "," and len(around) == 2 and all(side.isdigit() for side in around):
                raise FormulaError(
                    f"write {'.'.join(around)} with a decimal point in {self.text!r}, not"
                    f" {','.join(around)}"
                )
            raise _Unreadable
        if word == "&":  # of two conditions, as NumPy writes it
            before, after = self.tokens[self.index - 2].text if self.index > 1 else "", self.peek()
            if before != ")" or after != "(":
                raise FormulaError(
                    f"`&` in {self.text!r} binds tighter than a comparison: write `and`"
                )
            return "and"
        if word == "=":
            self.changed = True
            return "=="
        return word

    def _refuse_number(self, before: str, number: str) -> None:
        """A power loses its sign when it is copied from a page: (q - c)2."""
        gap = "" if before.endswith(")") else " "
        raise FormulaError(
            f"`{before}{gap}{number}` in {self.text!r} is ambiguous: write"
            f" `{before}^{number}` for the power, or `{number}*{before}`"
        )

    def _refuse_unclear_division(self, divided: Sequence[str], token: _Token) -> None:
        top, *bottom = divided
        fraction = re.fullmatch(r"\d+", top.strip()) and len(bottom) == 1 and bottom[0].isdigit()
        if fraction and token.spaced:
            return
        above, below, gap = top.strip(), "".join(bottom), " " * token.spaced
        raise FormulaError(
            f"`{above}/{below}{gap}{token.text}...` in {self.text!r} is ambiguous: write"
            f" `({above}/{below})*...` or `{above}/({below}*...)`"
        )

    # ---------------------------------------------------------------- operands

    def operand(self) -> str:
        written = self.deeper(self._atom)
        while True:
            if self.peek() == "." and NAME.fullmatch(self.peek(1)):
                written = self._method(written)
            elif self.peek() == "'" or (self.peek() == "!" and written):
                raise _Unreadable
            else:
                return written

    def _atom(self) -> str:
        word = self.next().text
        if word in OPEN:
            return self._group(word)
        if word in ("|", r"\lvert"):
            closing = "|" if word == "|" else r"\rvert"
            inside = self.sequence((closing,))
            self.expect(closing)
            self.changed = True
            return f"abs({inside})"
        if word == "1" and self.peek() in ("[", "{") and not self.tokens[self.index].spaced:
            return self._indicator()
        if word[0] == "\\":
            return self._command(word)
        if NAME.fullmatch(word):
            return self._named(word)
        return word

    def _group(self, opening: str) -> str:
        inside = self.sequence((OPEN[opening],))
        self.expect(OPEN[opening])
        self.changed |= opening != "("
        if not inside:
            raise _Unreadable
        return f"({inside})"

    def _named(self, word: str) -> str:
        if word in self.declared or word in (CONFIDENCE, CORRECT):
            return word
        while word in MODULES and self.peek() == "." and NAME.fullmatch(self.peek(1)):
            self.index += 1
            word, self.changed = self.next().text, True
            while self.peek() == "." and self.peek(2) in (".", "("):
                self.index += 1
                word = self.next().text
        if self.peek() == "_" and (self.peek(1) == "{" or self.peek(1).isalnum()):
            word = self._with_index(word)
        if word in INDICATORS and self.peek() in OPEN:
            return self._indicator()
        if word in FUNCTIONS or word in ARITY or word in TRUTHS:
            return self._function(word)
        return self._variable(word)

    def _variable(self, word: str) -> str:
        plain = word.lower()
        for words, meant in (
            (CONFIDENCE_WORDS, CONFIDENCE),
            (CORRECT_WORDS, CORRECT),
            (WRONG_WORDS, f"(1 - {CORRECT})"),
        ):
            if plain in words:
                self.changed = True
                return meant
        if word in ("True", "False"):
            self.changed = True
            return "1" if word == "True" else "0"
        if word == "e" and self.peek() in ("^", "**"):
            self.changed = True
            return self._exponential()
        for words, meant in ((OUTCOME_WORDS, CORRECT), (FORECAST_WORDS, CONFIDENCE)):
            if plain in words:
                self.guessed[word] = meant
                return meant
        is_call = self.peek() in ("(", "[") and not self.tokens[self.index].spaced
        if is_call and len(word) > 2 and word not in (*GREEK.values(), "lambda"):
            raise self._unknown_function(word)
        return word

    def _exponential(self) -> str:
        """`e^x`; a power of the exponent, or its sign, is left to the grammar."""
        if self.peek(1) in ("-", "+"):
            return "exp(1)"
        self.index += 1
        exponent = self.operand()
        return f"exp(1)^{exponent}" if self.peek() in ("^", "**") else f"exp({exponent})"

    def _unknown_function(self, word: str) -> FormulaError:
        over = "; a formula is the reward of one answer" if word in OVER_ANSWERS else ""
        return FormulaError(
            f"unknown name {word!r} in {self.text!r}{over}; the functions are {', '.join(ARITY)},"
            " and what NumPy, math and PyTorch call them"
        )

    def _with_index(self, word: str) -> str:
        """A name with the index of TeX: `lam_{1}` is `lam_1`."""
        self.index += 1
        index = self._raw() if self.peek() == "{" else self.next().text
        self.changed = True
        return f"{word}_{re.sub(r'[^0-9A-Za-z]+', '_', index).strip('_')}"

    def _raw(self) -> str:
        """The words inside a TeX group, as they are."""
        words: list[str] = []
        depth = 0
        while True:
            word = self.next().text
            depth += (word == "{") - (word == "}")
            if depth == 0:
                return " ".join(words[1:]) if words else word
            words.append(word)

    # ---------------------------------------------------------------- TeX

    def _command(self, word: str) -> str:
        self.changed = True
        if word in TEX_FUNCTIONS:
            return self._function(word[1:])
        if word == r"\frac":
            return f"(({self._part()})/({self._part()}))"
        if word in TEX_FONTS:
            name = self._raw() if self.peek() == "{" else self.next().text
            if name in ("1", "I"):
                return self._indicator()
            return self._named(re.sub(r"\W+", "_", name).strip("_") or "_")
        if word in TEX_HATS:
            name = self._raw() if self.peek() == "{" else self.next().text
            return self._variable(f"{name.strip()}_hat")
        if word == r"\begin":
            return self._cases()
        raise FormulaError(f"the grammar has no word for {word} in {self.text!r}")

    def _part(self) -> str:
        """A part of a TeX fraction: a group, or one digit or letter."""
        if self.peek() == "{":
            self.index += 1
            return self._group("{")[1:-1]
        token = self.next()
        if token.text.isdigit() and len(token.text) > 1:
            self.index -= 1
            self.tokens[self.index] = _Token(token.text[1:], False)
            return token.text[0]
        if not token.text.isdigit():
            self.index -= 1
            return self.operand()
        return token.text

    def _cases(self) -> str:
        r"""`\begin{cases} x & c = 1 \\ y & \text{otherwise} \end{cases}`."""
        if self._raw() != "cases":
            raise _Unreadable
        rows: list[tuple[str, str]] = []
        while self.peek() != r"\end":
            value = self.sequence(("&", r"\\", r"\end", ",")).rstrip(",")
            while self.peek() in ("&", ","):
                self.index += 1
            rows.append((value, self._case_condition().rstrip(". ")))
            while self.peek() in (",", "."):
                self.index += 1
            if self.peek() == r"\\":
                self.index += 1
        self.index += 1
        if self._raw() != "cases" or not rows:
            raise _Unreadable
        written = self._last_case(rows)
        for value, condition in reversed(rows[:-1]):
            written = f"(({value}) if ({condition}) else {written})"
        return written

    def _case_condition(self) -> str:
        """A condition of `cases` in the grammar; "" for `otherwise`."""
        said = ""
        if self.peek() in TEX_FONTS:
            self.index += 1
            said = self._raw().lower()
        elif self.peek() in ("if", "otherwise", "else"):
            said = self.next().text
        words = [word for word in said.split() if word not in ("if", "when", "for", "where")]
        if words and words[0] in ("otherwise", "else"):
            return ""
        for known, condition in ((WRONG_WORDS, "c == 0"), (CORRECT_WORDS, "c == 1")):
            if set(words) & set(known):
                return condition
        return self.sequence((r"\\", r"\end", ",", "."))

    def _last_case(self, rows: Sequence[tuple[str, str]]) -> str:
        conditions = {condition.replace(" ", "") for _, condition in rows}
        if rows[-1][1] and conditions != {"c==0", "c==1"}:
            raise FormulaError(
                f"the cases in {self.text!r} must end with `otherwise`, got {rows[-1][1]!r}"
            )
        return f"({rows[-1][0]})"

    # ---------------------------------------------------------------- functions

    def _indicator(self) -> str:
        r"""The condition in `1[...]` or below `\mathbb{1}`, whose value is 1 or 0."""
        self.changed = True
        if self.peek() == "_":
            self.index += 1
        if self.peek() not in OPEN:
            raise FormulaError(
                f"an indicator in {self.text!r} needs its condition, such as 1[q > 1/2]"
            )
        opening = self.next().text
        return self._answer_is_right(OPEN[opening]) or self._group(opening)

    def _answer_is_right(self, closing: str) -> str:
        """`c` for a comparison of the answer with the truth, such as `y = y^*`; otherwise ""."""
        end, relations = self.index, 0
        while end < len(self.tokens) and (word := self.tokens[end].text) != closing:
            names = NAME.fullmatch(word) and word not in (
                CONFIDENCE, CORRECT, *RESERVED, *self.declared, *CONFIDENCE_WORDS, *CORRECT_WORDS
            )  # fmt: skip
            relations += word in ("=", "==")
            marks = word in ("=", "==", "^", "*", "_", ".", "'", r"\star", *TEX_HATS, "{", "}")
            if not names and not marks:
                return ""
            end += 1
        if relations != 1 or end >= len(self.tokens):
            return ""
        self.index, self.changed = end + 1, True
        return CORRECT

    def _function(self, word: str) -> str:
        if word == "log" and self.peek() == "_":
            self.index += 1
            base = self._group(self.next().text) if self.peek() == "{" else self.next().text
            self.changed = True
            return f"(log({self._one_argument('log')})/log({base}))"
        if word == "sqrt" and self.peek() == "[":
            self.index += 1
            root = self._group("[")
            return f"(({self._one_argument('sqrt')})^(1/{root}))"
        if self.peek() not in ("(", "{") and not (word in INDICATORS and self.peek() == "["):
            return self._bare_function(word)
        opening = self.next().text
        self.changed |= opening != "("
        if word in ("float", *TRUTHS) and (right := self._answer_is_right(OPEN[opening])):
            return right
        return self._applied(word, self._arguments(OPEN[opening]))

    def _bare_function(self, word: str) -> str:
        r"""`\log q`: a function before a single number or name."""
        follower = self.peek()
        if follower in ("^", "**"):
            raise FormulaError(
                f"`{word}^...` in {self.text!r}: write `{word}(x)^2` for the square of {word}(x)"
            )
        is_operand = follower and (
            follower[0] in "\\|" or NAME.match(follower) or follower[0].isdigit()
        )
        if not is_operand or follower in ("if", "else", "and", "or", "not"):
            return word  # a name of the catalogue, as in "c + log"
        self.changed = True
        return self._applied(word, [self._one_argument(word)])

    def _one_argument(self, word: str) -> str:
        if self.peek() in ("(", "{"):
            return self._group(self.next().text)[1:-1]
        inside = self.operand()
        after = self.peek()
        starts = after and (after[0] in "\\(|[{" or after[0].isdigit() or NAME.match(after))
        if after in ("^", "**") or (starts and after not in ("if", "else", "and", "or")):
            raise FormulaError(
                f"`{word} {inside}{after}...` in {self.text!r} is ambiguous: write"
                f" `{word}({inside})...` with brackets"
            )
        return inside

    def _arguments(self, closing: str) -> list[str]:
        places: dict[int, str] = {}
        while True:
            place = len(places)
            if self.peek(1) == "=" and self.peek() in KEYWORDS:
                place = KEYWORDS[self.peek()]
                self.index += 2
            places[place] = self.deeper(lambda: self.sequence((",", closing)))
            ending = self.next().text
            if ending == closing:
                break
        return [places.get(place, "") for place in range(max(places) + 1)]

    def _method(self, base: str) -> str:
        """`x.clamp(0, 1)` is `clamp(x, 0, 1)`."""
        self.index += 1
        word = self.next().text
        if self.peek() != "(":
            raise _Unreadable
        self.index += 1
        self.changed = True
        empty = self.peek() == ")"
        if empty:
            self.index += 1
        given = [] if empty else self._arguments(")")
        return f"({base})" if word in KEPT else self._applied(word, [base, *given])

    def _applied(self, word: str, given: list[str]) -> str:
        """The text of a function at its arguments, as the grammar writes it."""
        if word in ("clip", "clamp") and (len(given) == 2 or {"", "None"} & {*given}):
            return self._one_sided(given)
        if word in TRUTHS:
            return self._truth(word, given)
        if not all(given):
            raise _Unreadable
        templates = FUNCTIONS.get(word, {})
        if len(given) in templates:
            written = templates[len(given)].format(*given)
            self.changed |= not written.startswith(f"{word}(")
        elif word in ARITY:
            written = f"{word}({', '.join(given)})"  # the kernel counts the arguments
        elif templates:
            wanted = " or ".join(map(str, templates))
            raise FormulaError(
                f"{word} takes {wanted} arguments, got {len(given)} in {self.text!r}"
            )
        else:
            raise self._unknown_function(word)
        if len(written) > MAX_CHARACTERS:
            raise FormulaError(f"a formula may have at most {MAX_CHARACTERS} characters")
        return written

    def _one_sided(self, given: Sequence[str]) -> str:
        x, low, high = [*given, "", ""][:3]
        self.changed = True
        low, high = ("" if end == "None" else end for end in (low, high))
        inner = f"max({x}, {low})" if low else x
        return f"min({inner}, {high})" if high else inner

    def _truth(self, word: str, given: Sequence[str]) -> str:
        words = set(re.findall(r"[A-Za-z_]\w*|[<>=!]=|[<>]", given[0]))
        if len(given) != 1 or not (words & CONDITION or words == {CORRECT}):
            raise FormulaError(
                f"{word}({', '.join(given)}) in {self.text!r} rounds: only conditions and c are"
                f" converted; a step is written as a comparison, such as (q > 1/2)"
            )
        self.changed = True
        return f"({given[0]})"

    # ---------------------------------------------------------------- what to type instead

    def question(self, result: str) -> str:
        """The message about ambiguous names, with the formula in q and c."""
        names = sorted(self.guessed)
        listed = " and ".join(map(repr, names))
        said = f"unknown name{'s' if len(names) > 1 else ''} {listed} in {self.text!r}"
        if CONFIDENCE in self.guessed.values() and self._has(CONFIDENCE):
            return (
                f"{said}: a reward is a formula in q, the stated confidence, and c, the outcome (1"
                " or 0); the true success probability p is not a variable, since the verdict is"
                " about every p; an expected score V(p) is given with --value"
            )
        advice = []
        if CONFIDENCE in self.guessed.values():
            advice.append("q for the stated confidence")
        if CORRECT in self.guessed.values():
            advice.append("c for the outcome (1 or 0)")
        event = "; for an event that nobody chooses add --forecast (in Python forecast=True)"
        return (
            f'{said}: write {" and ".join(advice)}, as in "{result}"'
            f"{event if CORRECT in self.guessed.values() else ''}"
        )

    def _has(self, name: str) -> bool:
        return any(token.text == name for token in self.tokens)
