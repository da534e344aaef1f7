r"""Where an answer or a confidence stands in a text: tags, labelled lines, boxes, JSON, a pattern.

Every function takes time proportional to the length of the text, also for hostile texts: each
character is passed a bounded number of times, since a search goes on where the last one ended, and
no search is repeated from an earlier place. Regular expressions are used for single tokens only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from string import Formatter
from typing import Literal, TypeVar

from scoring_theory.readers.replies import UnreadableError

Occurrence = Literal["once", "first", "last"]
Found = TypeVar("Found")

PLACEHOLDERS = ("answer", "confidence", "skip")
"""What may stand in braces in a pattern."""
_COLON = re.compile(r"[*_ \t]*:")
_BRACES = re.compile(r"[\\{}](?:(?<=\\)(?:boxed\s*\{|.))?", re.DOTALL)
_JSON_START = re.compile(r"\{\s*[\"}]")
_JSON_SIGN = re.compile(
    r"\s*([{}\[\]:,\"]|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|$)", re.ASCII
)
_JSON_STRING_SIGN = re.compile(r"\\.|\"", re.DOTALL)
_DEEPEST = 100
_LOWER = {upper: upper + 32 for upper in range(65, 91)}


def lowered(text: str) -> str:
    r"""The text with lower-case ASCII letters, of the same length, unlike that of `str.lower`.

    Example:
        >>> lowered("<Answer>\u0130</ANSWER>")
        '<answer>İ</answer>'
    """
    return text.lower() if text.isascii() else text.translate(_LOWER)


def one_of(found: Iterator[Found], occurrence: Occurrence, what: str) -> Found:
    """The first or the last of what was found, or the only one.

    Raises:
        UnreadableError: there is none, or there are several and `occurrence` is "once".

    Example:
        >>> one_of(iter(["a", "b"]), "last", "an answer")
        'b'
    """
    several = list(islice(found, 1) if occurrence == "first" else found)
    if not several:
        raise UnreadableError(f"expected {what}, got none")
    if occurrence == "once" and len(several) > 1:
        raise UnreadableError(f"expected {what} exactly once, got {len(several)}")
    return several[-1]


def tag_content(text: str, tag: str, occurrence: Occurrence, *, lenient: bool) -> str:
    """The content of `<tag>...</tag>`, which ends at the next `</tag>`.

    Raises:
        UnreadableError: the tag is missing or not closed; for "once", an opening or a closing tag
            is repeated.

    Example:
        >>> tag_content("<a>1</a> <a>2</a>", "a", "last", lenient=False)
        '2'
    """
    searched = lowered(text) if lenient else text
    named = lowered(tag) if lenient else tag
    start, end = f"<{named}>", f"</{named}>"
    if occurrence == "once":
        opened, closed = searched.count(start), searched.count(end)
        if opened != 1 or closed != 1:
            raise UnreadableError(
                f"expected <{tag}>...</{tag}> exactly once after the thinking, got {opened} and"
                f" {closed}"
            )
        if searched.find(end) < searched.find(start):
            raise UnreadableError(f"</{tag}> occurs before <{tag}>")
    return one_of(_between(text, searched, start, end), occurrence, f"<{tag}>...</{tag}>").strip()


def _between(text: str, searched: str, start: str, end: str) -> Iterator[str]:
    """The pieces between `start` and the next `end`, one after the other."""
    at = searched.find(start)
    while at >= 0:
        begin = at + len(start)
        stop = searched.find(end, begin)
        if stop < 0:
            return
        yield text[begin:stop]
        at = searched.find(start, stop + len(end))


def label_content(text: str, label: str, occurrence: Occurrence, *, lenient: bool) -> str:
    """The rest of the line after `Label:`, where the label may be emphasised as in Markdown.

    Raises:
        UnreadableError: no line has the label; for "once", several lines have it.

    Example:
        >>> label_content("**Confidence:** 85%", "Confidence", "last", lenient=False)
        '85%'
    """
    searched = lowered(text) if lenient else text
    found = _labelled(text, searched, lowered(label) if lenient else label)
    return one_of(found, occurrence, f"a line `{label}: ...`")


def _labelled(text: str, searched: str, label: str) -> Iterator[str]:
    """The rests of lines after a label, which is not part of a longer word."""
    at = searched.find(label)
    while at >= 0:
        end = at + len(label)
        colon = _COLON.match(text, end)
        if colon and not (at and text[at - 1].isalnum()):
            newline = text.find("\n", colon.end())
            end = len(text) if newline < 0 else newline
            yield text[colon.end() : end].strip().strip("*`").strip()
        at = searched.find(label, end)


def box_content(text: str, occurrence: Occurrence) -> str:
    r"""The content of `\boxed{...}` with balanced braces; of nested boxes, the innermost.

    Raises:
        UnreadableError: there is no closed box; for "once", there are several.

    Example:
        >>> box_content(r"so \boxed{\frac{1}{2}}", "last")
        '\\frac{1}{2}'
    """
    return one_of(_boxes(text), occurrence, r"\boxed{...}").strip()


def _boxes(text: str) -> Iterator[str]:
    open_braces: list[int] = []  # where the content of a box begins, or -1 for another brace
    last = -1  # where the last closed box began
    for sign in _BRACES.finditer(text):
        if sign[0].startswith("\\boxed"):
            open_braces.append(sign.end())
        elif sign[0] == "{":
            open_braces.append(-1)
        elif sign[0] == "}" and open_braces:
            begin = open_braces.pop()
            if begin > last:
                last = begin
                yield text[begin : sign.start()]


def json_values(text: str, keys: tuple[str, ...], occurrence: Occurrence) -> dict[str, str]:
    """The values of some keys of one JSON object in a text, as texts.

    Only objects that have all keys count, written without escapes, at whatever depth they are; a
    value is a text, a number, true or false.

    Raises:
        UnreadableError: no object has the keys; for "once", several have them; a key is repeated in
            the object, or its value is null, a list or an object.

    Example:
        >>> json_values('so {"answer": 4, "confidence": "85%"}', ("answer", "confidence"), "once")
        {'answer': '4', 'confidence': '85%'}
    """
    plain = all(f'"{key}"' in text for key in keys)
    objects = _json_objects(text) if plain else iter(())
    found = (members for members in objects if all(key in members for key in keys))
    named = " and ".join(f'"{key}"' for key in keys)
    chosen = one_of(found, occurrence, f"a JSON object with {named}")
    return {key: _json_text(key, chosen[key]) for key in keys}


def json_value(text: str, key: str, occurrence: Occurrence) -> str:
    """The value of one key of a JSON object, see `json_values`.

    Example:
        >>> json_value('so {"confidence": 0.9}', "confidence", "once")
        '0.9'
    """
    return json_values(text, (key,), occurrence)[key]


def json_pair(
    text: str, keys: tuple[str, ...], occurrence: Occurrence
) -> list[tuple[str | None, str]]:
    """The answer and the confidence of one JSON object, so that they belong together.

    Args:
        text: the text.
        keys: the keys of answer and confidence, or the key of the confidence alone.
        occurrence: which object is read.

    Example:
        >>> json_pair('{"a": "4", "p": 0.9}', ("a", "p"), "once")
        [('4', '0.9')]
    """
    found = json_values(text, keys, occurrence)
    return [(found[keys[0]] if len(keys) > 1 else None, found[keys[-1]])]


def _json_text(key: str, values: list[str]) -> str:
    """The text of the only value of a key, from its JSON."""
    if len(values) > 1:
        raise UnreadableError(f'the key "{key}" is repeated in its JSON object')
    (value,) = values
    if value in ("", "null"):
        raise UnreadableError(f'the value of "{key}" must be a text or a number')
    if not value.startswith('"'):
        return value
    try:
        return str(json.loads(value, strict=False)).strip()
    except ValueError as error:
        raise UnreadableError(f'the value of "{key}" is not JSON: {error}') from None


def _json_objects(text: str) -> Iterator[dict[str, list[str]]]:
    """The members of each closed object, values as JSON; a nested list or object is "".

    A stack of open objects and lists replaces recursion. At a sign that JSON does not allow there,
    all open objects are given up, and the search goes on at this sign: an object that begins at an
    earlier place would meet the same sign. So is a text that is nested deeper than `_DEEPEST`.
    """
    at = 0
    while start := _JSON_START.search(text, at):
        at = start.start()
        stack: list[dict[str, list[str]] | None] = []  # None is a list
        key, awaited = "", "value"
        while True:
            sign = _JSON_SIGN.match(text, at)
            token = sign[1] if sign else ""
            if not (sign and token and _allowed(token, awaited, stack)):
                at = max(sign.start(1) if sign else at, start.start() + 1)
                break
            begin, at = sign.start(1), sign.end()
            if token == '"':
                at = _string_end(text, at)
                if at < 0:
                    return
                token = text[begin:at]
            if token[0] == '"' and awaited in ("key", "key or }"):
                key, awaited = token[1:-1], ":"
                continue
            if token == ":":
                awaited = "value"
                continue
            if token == ",":
                awaited = "value" if stack[-1] is None else "key"
                continue
            if token in "}]":
                closed = stack.pop()
                if closed is not None:
                    yield closed
                if not stack:
                    break
                awaited = ", or end"
                continue
            if stack and (members := stack[-1]) is not None:
                members.setdefault(key, []).append("" if token in "{[" else token)
            if token in "{[":
                if len(stack) == _DEEPEST:
                    break
                stack.append({} if token == "{" else None)
                awaited = "key or }" if token == "{" else "value or ]"
            else:
                awaited = ", or end"


def _allowed(token: str, awaited: str, stack: list[dict[str, list[str]] | None]) -> bool:
    """Whether JSON allows a sign at this place."""
    if token == "}":
        return awaited == "key or }" or (awaited == ", or end" and stack[-1] is not None)
    if token == "]":
        return awaited == "value or ]" or (awaited == ", or end" and stack[-1] is None)
    if token == ",":
        return awaited == ", or end"
    if token == ":":
        return awaited == ":"
    if token == '"':
        return awaited in ("key", "key or }", "value", "value or ]")
    return awaited in ("value", "value or ]")


def _string_end(text: str, at: int) -> int:
    """The place after the closing quote of a JSON string, or -1."""
    for sign in _JSON_STRING_SIGN.finditer(text, at):
        if sign[0] == '"':
            return sign.end()
    return -1


def pattern_parts(pattern: str) -> list[tuple[str, str]]:
    """The literal texts of a pattern, each with the placeholder that follows it, or "".

    White space around a literal text is left out, since it is optional where a pattern is read.

    Raises:
        ValueError: see `pattern_pieces`.

    Example:
        >>> pattern_parts("Answer: {answer} ({confidence})")
        [('Answer:', 'answer'), ('(', 'confidence'), (')', '')]
    """
    return [(literal.strip(), name) for literal, name in pattern_pieces(pattern)]


def pattern_pieces(pattern: str) -> list[tuple[str, str]]:
    """The literal texts of a pattern as they are written, each with the next placeholder, or "".

    Raises:
        ValueError: a placeholder is unknown or repeated, `{confidence}` is missing, or two
            placeholders have no text between them.

    Example:
        >>> pattern_pieces("So {{{answer}}} ({confidence}%)")
        [('So {', 'answer'), ('} (', 'confidence'), ('%)', '')]
    """
    rule = (
        "a pattern must hold {confidence} and may hold {answer}, each once, and {skip}, with some"
        " text before each; braces are doubled"
    )
    try:
        parsed = list(Formatter().parse(pattern))
    except ValueError as error:
        raise ValueError(f"{rule}; got {pattern!r}: {error}") from None
    parts: list[tuple[str, str]] = []
    literal = ""
    for piece, name, form, conversion in parsed:
        literal += piece
        if name is None:
            continue
        known = name in PLACEHOLDERS and not form and not conversion
        if not known or not literal.strip():
            raise ValueError(f"{rule}; got {pattern!r}")
        parts.append((literal, name))
        literal = ""
    parts.append((literal, ""))
    named = [name for _, name in parts]
    if named.count("confidence") != 1 or named.count("answer") > 1:
        raise ValueError(f"{rule}; got {pattern!r}")
    return parts


def pattern_values(
    text: str, pattern: str, occurrence: Occurrence, *, lenient: bool
) -> list[dict[str, str]]:
    """What stands at the placeholders of a pattern: one reading, or two, the preferred one first.

    A placeholder ends at the text that follows it in the pattern, or, if none follows, at the end
    of the line. White space around a literal text is optional. Where a beginning is repeated before
    the pattern goes on, the last repetition counts. An answer may contain the text that follows it:
    where a confidence comes after it, it ends at the last place on the line from which the pattern
    goes on, and only in the second reading at the first one.

    Raises:
        UnreadableError: the pattern does not occur; for "once", it occurs several times.

    Example:
        >>> pattern = "say: {answer} ({confidence})"
        >>> pattern_values("I say: 4 (85%)", pattern, "once", lenient=False)
        [{'answer': '4', 'confidence': '85%'}]
        >>> pattern_values("I say: (B) (85%)", pattern, "once", lenient=False)[0]
        {'answer': '(B)', 'confidence': '85%'}
    """
    parts = pattern_parts(pattern)
    if lenient:
        parts = [(lowered(literal), name) for literal, name in parts]
    searched = lowered(text) if lenient else text
    chosen = one_of(_matches(searched, parts), occurrence, repr(pattern))
    return [
        {name: text[begins:ends].strip() for name, (begins, ends) in spans.items()}
        for spans in chosen
    ]


def pattern_pair(
    text: str, pattern: str, occurrence: Occurrence, *, lenient: bool
) -> list[tuple[str | None, str]]:
    """The answer, if a pattern has one, and the confidence, in each reading; see `pattern_values`.

    Example:
        >>> pattern_pair("I say: 4 (85%)", "say: {answer} ({confidence})", "once", lenient=False)
        [('4', '85%')]
    """
    found = pattern_values(text, pattern, occurrence, lenient=lenient)
    return [(each.get("answer"), each["confidence"]) for each in found]


_Spans = dict[str, tuple[int, int]]


def _matches(searched: str, parts: list[tuple[str, str]]) -> Iterator[list[_Spans]]:
    """The readings of each match of a pattern; a literal that is missing ends the search."""
    first = parts[0][0]
    at = searched.find(first)
    while at >= 0:
        found = _spans(searched, parts, at + len(first), len(searched))
        if found is None:
            return
        spans, end = found
        at = searched.find(first, end)
        later = _later(searched, parts, spans, len(searched) if at < 0 else at)
        yield [spans] if later is None else [later, spans]


def _spans(
    searched: str, parts: list[tuple[str, str]], begins: int, limit: int
) -> tuple[_Spans, int] | None:
    """Where the placeholders of some parts stand, the first at `begins`, and where the match ends.

    None if a literal is missing before the limit.
    """
    found: _Spans = {}
    for place, (literal, name) in enumerate(parts[:-1]):
        following = parts[place + 1][0]
        if following:
            ends = searched.find(following, begins, limit)
            if ends < 0:
                return None
        else:
            newline = searched.find("\n", begins, limit)
            ends = limit if newline < 0 else newline
        if place == 0 and following:
            repeated = searched.rfind(literal, begins, ends)
            begins = begins if repeated < 0 else repeated + len(literal)
        if name != "skip":
            found[name] = begins, ends
        begins = ends + len(following)
    return found, begins


def _later(searched: str, parts: list[tuple[str, str]], spans: _Spans, limit: int) -> _Spans | None:
    """The match with the last end of the answer on the line; None if only the first one fits.

    What follows an end must fit before the next one, so that each character is passed once.
    """
    names = [name for _, name in parts]
    if "answer" not in names or names.index("confidence") < names.index("answer"):
        return None
    rest = parts[names.index("answer") + 1 :]
    begins, first = spans["answer"]
    newline = searched.find("\n", first, limit)
    limit = limit if newline < 0 else newline
    literal = rest[0][0]
    while (ends := searched.rfind(literal, first + 1, limit)) >= 0:
        fits = _spans(searched, rest, ends + len(literal), limit)
        if fits is not None:
            return {**spans, "answer": (begins, ends), **fits[0]}
        limit = ends
    return None
