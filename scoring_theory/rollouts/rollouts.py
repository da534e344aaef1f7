"""Recorded rollouts: one row per answer, with the confidence it stated and whether it was correct."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from scoring_theory.calibration import Forecasts
from scoring_theory.display import in_short, line, table
from scoring_theory.rollouts.labels import PRINTED, Labels, encode, first_unprintable, pairs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

LABELS = ("method", "dataset", "question", "answer")
EVERYTHING = "all"
"""The name of the one method of a log that has no method column."""
Scale = Literal["unit", "percent"]


class RolloutError(ValueError):
    """The log cannot be read as rollouts; the message is a sentence with the file, the row and the value."""


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Rollouts:
    """Columns of equal length n, in the order of the log.

    Attributes:
        confidence: (n,) stated confidence in [0, 1]; NaN where none was stated, which needs
            `missing`.
        correct: (n,) 0 or 1.
        malformed: (n,) True where something was stated that is no confidence; its confidence is
            NaN.
        missing: What an answer without a usable confidence is paid, under every reward; None
            refuses such rows.
        scale: "percent" if the log stated 0 to 100, which was divided by 100; otherwise "unit".
        source: Where the rows come from, in words.

    Args:
        method: (n,) which model or training produced the answer.
        dataset: (n,) where the question is from.
        question: (n,) which question was answered; answers to one question of a dataset are
            resampled together.
        answer: (n,) which of several answers it is, or its text; carried along.

    Raises:
        ValueError: If lengths differ or a value is outside its domain.

    Example:
        >>> rollouts = Rollouts(confidence=[0.9, 0.5], correct=[1, 0], method=["RLCR", "Base"])
        >>> len(rollouts), rollouts.methods, rollouts.forecasts(method="Base").confidence
        (2, ('RLCR', 'Base'), array([0.5]))
    """

    confidence: NDArray[np.float64]
    correct: NDArray[np.float64]
    malformed: NDArray[np.bool_]
    missing: float | None
    scale: Scale
    source: str
    group: NDArray[np.int64] | None
    labels: Mapping[str, Labels]
    _stated: NDArray[np.bool_] | None
    _all: Forecasts

    def __init__(
        self,
        *,
        confidence: ArrayLike,
        correct: ArrayLike,
        method: ArrayLike | Labels | None = None,
        dataset: ArrayLike | Labels | None = None,
        question: ArrayLike | Labels | None = None,
        answer: ArrayLike | Labels | None = None,
        malformed: ArrayLike | None = None,
        missing: float | None = None,
        scale: Scale = "unit",
        source: str = "",
    ) -> None:
        given = dict(zip(LABELS, (method, dataset, question, answer), strict=True))
        labels = {
            name: encode(name, column) for name, column in given.items() if column is not None
        }
        for name in PRINTED:
            if name in labels and (row := first_unprintable(labels[name])) is not None:
                got = ascii(str(labels[name].names[labels[name].code[row]]))
                raise ValueError(
                    f"`{name}` must be printable text on one line, got {got} at index {row}"
                )
        if missing is not None and not math.isfinite(missing):
            raise ValueError(f"`missing` must be a finite payoff, got {missing!r}")
        column = np.asarray(confidence)
        stated = None if missing is None else ~np.isnan(np.asarray(confidence, dtype=np.float64))
        if stated is not None and stated.all():
            stated = None
        right = np.asarray(correct)
        _same_length(column, correct=right, **labels)
        group = pairs(labels.get("dataset"), labels["question"]) if "question" in labels else None
        if stated is None:
            checked = Forecasts(correct=right, confidence=column, group=group)
            everything, happened = checked.confidence, checked.correct
        else:
            if not stated.any():
                raise ValueError(
                    f"`confidence` must be stated in at least one row, got none in {stated.size}"
                )
            kept = None if group is None else group[stated]
            happened = Forecasts(correct=right, confidence=np.zeros(stated.size)).correct
            checked = Forecasts(correct=happened[stated], confidence=column[stated], group=kept)
            everything = np.full(stated.size, np.nan)
            everything[stated] = checked.confidence
        bad = (
            np.zeros(len(everything), dtype=np.bool_)
            if malformed is None
            else np.array(malformed, dtype=np.bool_)
        )
        if bad.shape != everything.shape or (bad & ~np.isnan(everything)).any():
            raise ValueError("`malformed` must mark rows without a confidence, one entry per row")
        values = (everything, happened, bad, missing, scale, source, group, labels, stated, checked)
        for name, value in zip(self.__slots__, values, strict=True):
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return int(self.confidence.size)

    def __repr__(self) -> str:
        facts = [f"n={len(self)}"]
        facts += [f"methods={in_short(self.methods)}"] if "method" in self.labels else []
        facts += [f"datasets={in_short(self.datasets)}"] if self.datasets else []
        facts += (
            [f"without confidence={int(np.isnan(self.confidence).sum())}"]
            if self._stated is not None
            else []
        )
        return line("Rollouts", *facts)

    def _repr_html_(self) -> str:
        """One row for each method, on all its rows."""
        return table(
            map(self._summary, self.methods),
            head=("method", "n", "accuracy", "mean confidence"),
            caption=f"Rollouts{': ' if self.source else ''}{self.source}",
            most=20,
        )

    def _summary(self, method: str) -> tuple[str, int, float, float]:
        rows = self.rows(method=method)
        stated = self.confidence[rows & ~np.isnan(self.confidence)]
        mean = float(stated.mean()) if stated.size else math.nan
        return method, int(rows.sum()), float(self.correct[rows].mean()), mean

    @property
    def method(self) -> NDArray[np.object_] | None:
        """(n,) the methods as texts; None when the log does not say."""
        return self._texts("method")

    @property
    def dataset(self) -> NDArray[np.object_] | None:
        """(n,) the datasets as texts; None when the log does not say."""
        return self._texts("dataset")

    @property
    def question(self) -> NDArray[np.object_] | None:
        """(n,) the questions as texts; None when the log does not say."""
        return self._texts("question")

    @property
    def answer(self) -> NDArray[np.object_] | None:
        """(n,) the answers as texts; None when the log does not say."""
        return self._texts("answer")

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods in order of first appearance; ("all",) when the log has no such column."""
        return self.labels["method"].in_order() if "method" in self.labels else (EVERYTHING,)

    @property
    def datasets(self) -> tuple[str, ...]:
        """The datasets in order of first appearance; empty when the log has no such column."""
        return self.labels["dataset"].in_order() if "dataset" in self.labels else ()

    def has(self, *, method: str | None = None, dataset: str | None = None) -> bool:
        """Whether there is a row of this method and this dataset."""
        return bool(self.rows(method=method, dataset=dataset).any())

    def states(self, *, method: str | None = None, dataset: str | None = None) -> bool:
        """Whether there is such a row that states a confidence."""
        rows = self.rows(method=method, dataset=dataset)
        return bool((rows if self._stated is None else rows & self._stated).any())

    def forecasts(self, *, method: str | None = None, dataset: str | None = None) -> Forecasts:
        """The rows of one method, of one dataset, of both, or all of them, grouped by question where it is known.

        Rows without a confidence are no forecasts; `missing` says what they are paid.

        Raises:
            ValueError: If there is no such row.
        """
        rows = self.rows(method=method, dataset=dataset)
        rows = rows if self._stated is None else rows[self._stated]
        if not rows.any():
            raise ValueError(
                f"there are no rows with method {method!r} and dataset {dataset!r} that state a"
                " confidence"
            )
        return self._all if rows.all() else self._all[rows]

    def rows(self, *, method: str | None = None, dataset: str | None = None) -> NDArray[np.bool_]:
        """(n,) which rows are of this method and this dataset."""
        everything = method is None or ("method" not in self.labels and method == EVERYTHING)
        rows = np.ones(len(self), dtype=np.bool_) if everything else self._is("method", str(method))
        return rows if dataset is None else rows & self._is("dataset", dataset)

    def _is(self, role: str, label: str) -> NDArray[np.bool_]:
        if role not in self.labels:
            return np.zeros(len(self), dtype=np.bool_)
        return np.asarray(self.labels[role].code == self.labels[role].number(label), dtype=np.bool_)

    def _texts(self, role: str) -> NDArray[np.object_] | None:
        return self.labels[role].texts() if role in self.labels else None


def _same_length(confidence: NDArray[np.float64], **columns: NDArray[np.float64] | Labels) -> None:
    for name, column in columns.items():
        if (
            len(column) != confidence.size and name != "correct"
        ):  # forecasts check that one themselves
            raise ValueError(
                f"`{name}` must have one entry per row, got {len(column)} for {confidence.size}"
                " rows"
            )
