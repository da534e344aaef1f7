"""Readers: from the text of a completion to its answer and its confidence.

A `Reader` is data, and it is used by the reward functions of trainers, by exported files and by
`replay` alike; `READERS` has the common formats by name.
"""

from scoring_theory.readers.numbers import NumberScale, read_confidence
from scoring_theory.readers.parsing import Statement, TextParser
from scoring_theory.readers.presets import READERS, ReaderLike, as_reader
from scoring_theory.readers.reader import Reader
from scoring_theory.readers.replies import (
    Completion,
    UnreadableError,
    opens_thinking,
    reply_text,
)
from scoring_theory.readers.tally import FormatWarning, Tally
from scoring_theory.readers.writing import (
    WrittenForm,
    write_completion,
    write_statement,
    written_forms,
)

__all__ = [
    "READERS",
    "Completion",
    "FormatWarning",
    "NumberScale",
    "Reader",
    "ReaderLike",
    "Statement",
    "Tally",
    "TextParser",
    "UnreadableError",
    "WrittenForm",
    "as_reader",
    "opens_thinking",
    "read_confidence",
    "reply_text",
    "write_completion",
    "write_statement",
    "written_forms",
]
