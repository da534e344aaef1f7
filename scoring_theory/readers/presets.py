"""Readers by name, from text and from JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from scoring_theory.display import Named
from scoring_theory.readers.reader import DEFAULT_READER, Reader
from scoring_theory.spelling import did_you_mean, plain_name

ReaderLike = Reader | str | Mapping[str, Any]
"""A reader, the text of one (see `as_reader`), or its attributes."""

ICD_203 = (
    ("almost no chance", 0.03),
    ("very unlikely", 0.125),
    ("unlikely", 0.325),
    ("roughly even chance", 0.5),
    ("likely", 0.675),
    ("very likely", 0.875),
    ("almost certain", 0.97),
)
"""Phrases with the middle of their ranges (01-05, 05-20, 20-45, 45-55, 55-80, 80-95, 95-99 %).

Source: US Intelligence Community Directive 203, Analytic Standards, 2015, section D.6.e.
"""

READERS: Mapping[str, Reader] = Named(
    "READERS",
    {
        "tags": DEFAULT_READER,
        "rlcr": Reader(occurrence="last", scale="rlcr", skip_think=False),
        "percent": Reader(scale="percent"),
        "json": Reader(answer='"answer"', confidence='"confidence"', occurrence="last"),
        "verbal": Reader(words=ICD_203),
        "boxed": Reader(
            answer="\\boxed",
            confidence="Confidence:",
            occurrence="last",
            scale="percent",
            lenient=True,
        ),
        "forecast": Reader(answer=None, confidence="<probability>"),
    },
    columns=("answer", "confidence", "occurrence", "scale"),
)
"""Readers by name; `as_reader("percent,occurrence=last")` changes one."""


def as_reader(given: ReaderLike) -> Reader:
    r"""A reader from a `Reader`, a text or a mapping of attributes.

    A text is a name of `READERS` in any capitals, which options may follow, or the JSON of a
    mapping. A mapping may name a preset as well, under "preset".

    Raises:
        ValueError: the name or an option is unknown, or a value is outside its domain.

    Example:
        >>> as_reader("percent,occurrence=last,require_think=true")
        Reader(occurrence='last', scale='percent', require_think=True)
        >>> as_reader('{"pattern": "Answer: {answer}, confidence: {confidence}"}').scale
        'unit'
        >>> as_reader(READERS["verbal"].to_json()) == READERS["verbal"]
        True
        >>> as_reader("percentage")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ValueError: a reader is one of tags, ..., got 'percentage'; did you mean 'percent'?
    """
    if isinstance(given, Reader):
        return given
    if isinstance(given, Mapping):
        attributes = dict(given)
        preset = _preset(attributes.pop("preset", "tags"))
        return _changed(preset, attributes)
    if not isinstance(given, str):
        raise ValueError(f"`reader` must be a reader, a name or a mapping, got {given!r:.60}")
    if given.lstrip().startswith("{"):
        return _from_json_text(given)
    name, *options = given.split(",")
    return _changed(_preset(name.strip()), dict(map(_option, options)))


def reader_text(reader: Reader) -> str:
    """The shortest text that `as_reader` reads as this reader: a name of `READERS`, or JSON.

    Example:
        >>> reader_text(Reader(scale="percent")), reader_text(Reader(scale="ten"))
        ('percent', '{"scale": "ten"}')
    """
    for name, preset in READERS.items():
        if preset == reader:
            return name
    plain = DEFAULT_READER.to_json()
    return json.dumps({key: one for key, one in reader.to_json().items() if one != plain[key]})


def _changed(reader: Reader, attributes: Mapping[str, Any]) -> Reader:
    """The reader with some attributes changed."""
    known = [field.name for field in fields(Reader)]
    unknown = [str(name) for name in attributes if name not in known]
    if unknown:
        raise ValueError(
            f"a reader has the options {', '.join(known)}, got {unknown[0]!r:.60}"
            f"{did_you_mean(unknown[0], known)}"
        )
    return replace(reader, **attributes)


def _from_json_text(text: str) -> Reader:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"a reader that begins with {{ must be JSON: {error}") from None
    return as_reader(dict(parsed))


def _preset(name: object) -> Reader:
    known = READERS.get(plain_name(name)) if isinstance(name, str) else None
    if known is None:
        raise ValueError(
            f"a reader is one of {', '.join(READERS)}, got {name!r:.60}"
            f"{did_you_mean(name, READERS)}"
        )
    return known


def _option(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(
            f"the options of a reader are NAME=VALUE, such as occurrence=last, got {text!r:.60}"
        )
    words: Mapping[str, Any] = {"true": True, "false": False, "none": None}
    return name.strip(), words.get(value.strip().lower(), value.strip())
