"""Columns of labels as integer codes, since long logs have few distinct methods and questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring_theory.calibration.levels import compact
from scoring_theory.calibration.order_statistics import slices
from scoring_theory.display import one_line
from scoring_theory.printable import is_printable

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


PRINTED = ("method", "dataset")
"""The labels that are printed in reports, pages, tables and figures."""


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """A column in which row i holds the label `names[code[i]]`.

    Attributes:
        code: (n,) int32.
        names: (k,) the distinct labels, each in use: texts, or integers that stand for their
            decimal text.

    Example:
        >>> labels = encode("method", ["RLCR", "Base", "RLCR"])
        >>> len(labels), labels.in_order(), labels.number("Base"), labels.number("other")
        (3, ('RLCR', 'Base'), 1, -1)
    """

    code: NDArray[np.int32]
    names: NDArray[Any]

    __repr__ = one_line

    def __len__(self) -> int:
        return int(self.code.size)

    def texts(self) -> NDArray[np.object_]:
        """(n,) the labels as texts."""
        named = np.array([str(name) for name in self.names.tolist()], dtype=object)
        column: NDArray[np.object_] = named[self.code]
        column.setflags(write=False)
        return column

    def in_order(self) -> tuple[str, ...]:
        """The distinct labels in order of first appearance."""
        seen, order = np.zeros(self.names.size, dtype=np.bool_), list[str]()
        for rows in slices(len(self)):  # as a rule, the first rows have every label
            new = self.code[rows][~seen[self.code[rows]]]
            found, first = np.unique(new, return_index=True)
            order += [str(self.names[k]) for k in found[np.argsort(first)]]
            seen[found] = True
            if seen.all():
                break
        return tuple(order)

    def number(self, label: str) -> int:
        """The code of a label, or -1."""
        codes = [k for k, name in enumerate(self.names.tolist()) if str(name) == label]
        return codes[0] if codes else -1

    def __getitem__(self, rows: NDArray[np.bool_]) -> Labels:
        code = compact(self.code[rows])
        return Labels(code.astype(np.int32), self.names[used_codes(self.code[rows])])


def encode(name: str, column: ArrayLike | Labels) -> Labels:
    """The labels of a column; values with the same text are one label.

    Args:
        name: The name of the column in error messages.
        column: (n,) texts, numbers or any objects with a text.

    Raises:
        ValueError: If the column is not one-dimensional, or a row is None or NaN.

    Example:
        >>> encode("method", ["RLCR", "Base", "RLCR"]).code
        array([0, 1, 0], dtype=int32)
    """
    if isinstance(column, Labels):
        return column
    # numpy would make a two-dimensional array of cells that are lists, such as chat messages.
    if isinstance(column, list):
        return _encode_texts(name, column)
    labels = column if isinstance(column, np.ndarray) else np.asarray(column, dtype=object)
    if labels.ndim != 1:
        raise ValueError(f"`{name}` must be one-dimensional, got shape {labels.shape}")
    if labels.dtype.kind in "iu" and labels.size:
        codes = compact(labels)
        names = np.empty(int(codes.max()) + 1, dtype=labels.dtype)
        names[codes] = labels
        return Labels(codes.astype(np.int32), names)
    return _encode_texts(name, labels.tolist())


def _encode_texts(name: str, labels: list[Any]) -> Labels:
    """Labels by the texts of the values, in order of first appearance."""
    if set(map(type, labels)) != {str}:
        for index, label in enumerate(labels):
            if label is None or label != label:
                raise ValueError(
                    f"`{name}` must be filled in every row or left out, got {label!r} at index"
                    f" {index}"
                )
        labels = [str(label) for label in labels]
    code = {label: position for position, label in enumerate(dict.fromkeys(labels))}
    codes = np.fromiter(map(code.__getitem__, labels), dtype=np.int32, count=len(labels))
    return Labels(codes, np.array(list(code), dtype=object))


def from_dictionary(codes: NDArray[Any], names: list[Any]) -> Labels:
    """The labels of an Arrow dictionary, whose entries may be unused or have the same text.

    Args:
        codes: (n,) positions in `names`.
        names: The entries, none of them None.

    Example:
        >>> labels = from_dictionary(np.array([2, 0]), ["a", "unused", "b"])
        >>> labels.texts().tolist()
        ['b', 'a']
    """
    merged = encode("label", [str(name) for name in names])
    code = codes if merged.names.size == len(names) else merged.code[codes]
    used = np.zeros(merged.names.size, dtype=np.bool_)
    used[code] = True
    if not used.all():
        code = compact(code)
    return Labels(code.astype(np.int32), merged.names[used])


def from_integers(values: NDArray[np.int64]) -> Labels:
    """The labels of integers that stand for their decimal texts, in order of first appearance.

    The codes are those of the texts.

    Example:
        >>> labels = from_integers(np.array([7, 3, 7]))
        >>> labels.code.tolist(), labels.names.tolist()
        ([0, 1, 0], [7, 3])
    """
    least, most = int(values.min()), int(values.max())
    narrow = most - least <= 4 * values.size + 1024
    place = values - least if narrow else np.unique(values, return_inverse=True)[1]
    rows = np.arange(values.size, dtype=np.int32)
    # In reverse order, so that the first row with a value is the last one written.
    first = np.empty(int(place.max()) + 1, dtype=np.int32)
    first[place[::-1]] = rows[::-1]
    beginning = np.flatnonzero(first[place] == rows)
    code = first  # of each value; what is not used is not read
    code[place[beginning]] = np.arange(beginning.size, dtype=np.int32)
    return Labels(code[place], values[beginning])


def used_codes(code: NDArray[Any]) -> NDArray[np.int64]:
    """The codes that occur, in order; counting is faster than sorting.

    Example:
        >>> used_codes(np.array([3, 0, 3]))
        array([0, 3])
    """
    return np.flatnonzero(np.bincount(code))


def first_unprintable(labels: Labels) -> int | None:
    r"""The first row whose label is not printable text on one line; None if there is none.

    Example:
        >>> first_unprintable(encode("method", ["RLCR", "a\nb"]))
        1
    """
    bad = [code for code, name in enumerate(labels.names.tolist()) if not is_printable(str(name))]
    return int(np.argmax(np.isin(labels.code, bad))) if bad else None


def pairs(first: Labels | None, second: Labels) -> NDArray[np.int64]:
    """(n,) one code per pair of labels: question 7 of one dataset is not question 7 of another.

    Example:
        >>> pairs(encode("dataset", ["a", "b", "a"]), encode("question", [7, 7, 7]))
        array([0, 1, 0])
    """
    if first is None:
        return second.code.astype(np.int64)
    return compact(first.code.astype(np.int64) * second.names.size + second.code)
