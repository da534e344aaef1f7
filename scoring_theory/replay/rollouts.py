"""Recorded rollouts: one row per answer, with the confidence it stated and whether it was correct."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.calibration import Forecasts

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LABELS = ("method", "dataset", "question", "answer")
EVERYTHING = "all"
"""The name of the one method of a log that has no method column."""


class RolloutError(ValueError):
    """The log cannot be read as rollouts; the message is a sentence with the file, the row and the value."""


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Rollouts:
    """Columns of equal length n, in the order of the log.

    Attributes:
        confidence: (n,) stated confidence in [0, 1].
        correct: (n,) 0 or 1.
        method: (n,) which model or training produced the answer; None when the log does not say.
        dataset: (n,) where the question is from; None when the log does not say.
        question: (n,) which question was answered; answers to one question of a dataset are resampled together.
        answer: (n,) which of several answers it is, or its text; carried along.
        source: Where the rows come from, in words.

    Raises:
        ValueError: If lengths differ or a value is outside its domain.

    Example:
        >>> rollouts = Rollouts(confidence=[0.9, 0.5], correct=[1, 0], method=["RLCR", "Base"])
        >>> len(rollouts), rollouts.methods, rollouts.forecasts(method="Base").confidence
        (2, ('RLCR', 'Base'), array([0.5]))
    """

    confidence: NDArray[np.float64]
    correct: NDArray[np.float64]
    method: NDArray[np.object_] | None
    dataset: NDArray[np.object_] | None
    question: NDArray[np.object_] | None
    answer: NDArray[np.object_] | None
    source: str
    _all: Forecasts

    def __init__(
        self,
        *,
        confidence: ArrayLike,
        correct: ArrayLike,
        method: ArrayLike | None = None,
        dataset: ArrayLike | None = None,
        question: ArrayLike | None = None,
        answer: ArrayLike | None = None,
        source: str = "",
    ) -> None:
        given = dict(zip(LABELS, (method, dataset, question, answer), strict=True))
        labels = {name: None if column is None else _labels(name, column) for name, column in given.items()}
        group = _questions(labels["dataset"], labels["question"])
        checked = Forecasts(confidence=confidence, correct=correct, group=group)
        for name, column in labels.items():
            if column is not None and column.size != len(checked):
                raise ValueError(f"`{name}` must have one entry per row, got {column.size} for {len(checked)} rows")
            object.__setattr__(self, name, column)
        for name in ("confidence", "correct"):
            object.__setattr__(self, name, getattr(checked, name))
        object.__setattr__(self, "source", source)
        object.__setattr__(self, "_all", checked)

    def __len__(self) -> int:
        return len(self._all)

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods in order of first appearance; ("all",) when the log has no such column."""
        return (EVERYTHING,) if self.method is None else tuple(dict.fromkeys(self.method))

    @property
    def datasets(self) -> tuple[str, ...]:
        """The datasets in order of first appearance; empty when the log has no such column."""
        return () if self.dataset is None else tuple(dict.fromkeys(self.dataset))

    def has(self, *, method: str | None = None, dataset: str | None = None) -> bool:
        """Whether there is a row of this method and this dataset."""
        return bool(self._rows(method, dataset).any())

    def forecasts(self, *, method: str | None = None, dataset: str | None = None) -> Forecasts:
        """The rows of one method, of one dataset, of both, or all of them, grouped by question where it is known.

        Raises:
            ValueError: If there is no such row.
        """
        rows = self._rows(method, dataset)
        if not rows.any():
            raise ValueError(f"there are no rows with method {method!r} and dataset {dataset!r}")
        return self._all[rows]

    def _rows(self, method: str | None, dataset: str | None) -> NDArray[np.bool_]:
        everything = method is None or (self.method is None and method == EVERYTHING)
        rows = np.ones(len(self), dtype=np.bool_) if everything else _is(self.method, method, len(self))
        return rows if dataset is None else rows & _is(self.dataset, dataset, len(self))


def _labels(name: str, column: ArrayLike) -> NDArray[np.object_]:
    labels = np.asarray(column, dtype=object)  # fixed-width texts would all take the room of the longest answer
    if labels.ndim != 1:
        raise ValueError(f"`{name}` must be one-dimensional, got shape {labels.shape}")
    for index, label in enumerate(labels):
        if label is None or label != label:
            raise ValueError(f"`{name}` must be filled in every row or left out, got {label!r} at index {index}")
    texts = np.array([str(label) for label in labels], dtype=object)
    texts.setflags(write=False)
    return texts


def _questions(dataset: NDArray[np.object_] | None, question: NDArray[np.object_] | None) -> NDArray[np.int64] | None:
    """One code per question; question 7 of one dataset is not question 7 of another."""
    if question is None:
        return None
    places = question if dataset is None else zip(dataset, question, strict=False)
    seen: dict[object, int] = {}
    return np.array([seen.setdefault(place, len(seen)) for place in places], dtype=np.int64)


def _is(column: NDArray[np.object_] | None, label: str | None, size: int) -> NDArray[np.bool_]:
    return np.zeros(size, dtype=np.bool_) if column is None else np.asarray(column == label, dtype=np.bool_)
