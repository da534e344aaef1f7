"""Recorded rollouts: one row per answer, with its stated confidence and correctness."""

from __future__ import annotations

import math
from dataclasses import dataclass
from os import PathLike
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
"""The name of the single method of a log without a method column."""
ConfidenceScale = Literal["unit", "percent"]


class RolloutError(ValueError):
    """The log cannot be read as rollouts; the message names the file, the row and the value.

    Example:
        >>> from scoring_theory.rollouts import rollouts_from_frame
        >>> try:
        ...     rollouts_from_frame({"confidence": [0.5], "correct": [2]})
        ... except ValueError as error:
        ...     print(error)
        a data frame, row 1: `correct` must be 0 or 1, got 2
    """


def require_rollouts(given: object, function: str) -> None:
    """Refuse what is not a log: the name of a file, or a data frame.

    Args:
        given: The argument.
        function: The function that was called, for the error.

    Raises:
        TypeError: It is no `Rollouts`; the message says how to read it.

    Example:
        >>> require_rollouts("log.csv", "calibrate")
        Traceback (most recent call last):
        TypeError: `calibrate` takes rollouts: calibrate(read_rollouts('log.csv'))
    """
    if isinstance(given, Rollouts):
        return
    if isinstance(given, (str, PathLike)):
        how = f": {function}(read_rollouts({str(given)!r}))"
    elif hasattr(given, "columns") or hasattr(given, "column_names") or isinstance(given, dict):
        how = f": {function}(rollouts_from_frame(frame))"
    else:
        how = f", which `read_rollouts` and `rollouts_from_frame` give, got {type(given).__name__}"
    raise TypeError(f"`{function}` takes rollouts{how}")


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Rollouts:
    """Columns of equal length n, in the order of the log.

    Attributes:
        confidence: (n,) stated confidence in [0, 1]; NaN if none was stated, which requires
            `missing`.
        correct: (n,) 0 or 1.
        malformed: (n,) True where the stated confidence could not be parsed; `confidence` is then
            NaN.
        missing: The reward of an answer without a usable confidence, under every reward function;
            None means that such rows are invalid.
        scale: "percent" if the log has confidences in [0, 100], which were divided by 100;
            otherwise "unit".
        source: A description of the origin of the rows.
        digest: The SHA-256 of the file that the rows were read from, in hexadecimal digits; "" for
            rows that were not read from a file.
        graded: Whether `correct` holds scores in [0, 1] instead of outcomes of 0 and 1.
        weight: (n,) weights of at least 0, as of repeated rows; None if every row counts 1.
        step: (n,) the step of the training run; None if the log has none.
        reward: (n,) the reward that was logged, NaN where there is none; None if the log has none.
        reading: One line on what the log was recognised as and which columns were taken; "" for
            rows that were not read.

    Args:
        method: (n,) the model or training method of the answer.
        dataset: (n,) the dataset of the question.
        question: (n,) the question; answers to one question of a dataset are resampled together.
        answer: (n,) the index or the text of the answer; not used by any computation.

    Raises:
        ValueError: If lengths differ or a value is outside its domain.

    Example:
        >>> rollouts = Rollouts(confidence=[0.9, 0.5], correct=[1, 0], method=["RLCR", "Base"])
        >>> len(rollouts), rollouts.methods, rollouts.forecasts(method="Base").confidence
        (2, ('RLCR', 'Base'), array([0.5]))
    """

    confidence: NDArray[np.float64]
    correct: NDArray[np.float64]
    malformed: NDArray[np.bool]
    missing: float | None
    scale: ConfidenceScale
    source: str
    digest: str
    group: NDArray[np.int64] | None
    labels: Mapping[str, Labels]
    graded: bool
    weight: NDArray[np.float64] | None
    step: NDArray[np.float64] | None
    reward: NDArray[np.float64] | None
    reading: str
    _stated: NDArray[np.bool] | None
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
        scale: ConfidenceScale = "unit",
        source: str = "",
        digest: str = "",
        graded: bool = False,
        weight: ArrayLike | None = None,
        step: ArrayLike | None = None,
        reward: ArrayLike | None = None,
        reading: str = "",
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
        numbers = {
            name: np.array(each, dtype=np.float64)
            for name, each in {"weight": weight, "step": step, "reward": reward}.items()
            if each is not None
        }
        _same_length(column, correct=right, **labels, **numbers)
        weights = numbers.get("weight")
        group = pairs(labels.get("dataset"), labels["question"]) if "question" in labels else None
        if stated is None:
            checked = Forecasts(
                correct=right, confidence=column, group=group, graded=graded, weight=weights
            )
            everything, outcomes = checked.confidence, checked.correct
        else:
            if not stated.any():
                raise ValueError(
                    f"`confidence` must be stated in at least one row, got none in {stated.size}"
                )
            stated_group = None if group is None else group[stated]
            nothing = np.zeros(stated.size)
            outcomes = Forecasts(correct=right, confidence=nothing, graded=graded).correct
            checked = Forecasts(
                correct=outcomes[stated],
                confidence=column[stated],
                group=stated_group,
                graded=graded,
                weight=None if weights is None else weights[stated],
            )
            everything = np.full(stated.size, np.nan)
            everything[stated] = checked.confidence
        bad = (
            np.zeros(len(everything), dtype=np.bool_)
            if malformed is None
            else np.array(malformed, dtype=np.bool_)
        )
        if bad.shape != everything.shape or (bad & ~np.isnan(everything)).any():
            raise ValueError("`malformed` must mark rows without a confidence, one entry per row")
        facts = (bad, missing, scale, source, digest, group, labels, graded)
        beside = (*(numbers.get(name) for name in ("weight", "step", "reward")), reading)
        values = (everything, outcomes, *facts, *beside, stated, checked)
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
        """A table with one line for each method, over all its rows."""
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
        """(n,) the methods as texts; None if the log has no such column."""
        return self._texts("method")

    @property
    def dataset(self) -> NDArray[np.object_] | None:
        """(n,) the datasets as texts; None if the log has no such column."""
        return self._texts("dataset")

    @property
    def question(self) -> NDArray[np.object_] | None:
        """(n,) the questions as texts; None if the log has no such column."""
        return self._texts("question")

    @property
    def answer(self) -> NDArray[np.object_] | None:
        """(n,) the answers as texts; None if the log has no such column."""
        return self._texts("answer")

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods in order of first appearance; ("all",) if the log has no such column."""
        return self.labels["method"].in_order() if "method" in self.labels else (EVERYTHING,)

    @property
    def datasets(self) -> tuple[str, ...]:
        """The datasets in order of first appearance; empty if the log has no such column."""
        return self.labels["dataset"].in_order() if "dataset" in self.labels else ()

    def has(self, *, method: str | None = None, dataset: str | None = None) -> bool:
        """Whether there is an answer of this method on this dataset."""
        return bool(self.rows(method=method, dataset=dataset).any())

    def states(self, *, method: str | None = None, dataset: str | None = None) -> bool:
        """Whether there is an answer of this method on this dataset with a usable confidence."""
        rows = self.rows(method=method, dataset=dataset)
        return bool((rows if self._stated is None else rows & self._stated).any())

    def forecasts(self, *, method: str | None = None, dataset: str | None = None) -> Forecasts:
        """The answers of one method, on one dataset, or all, grouped by question if it is known.

        Answers without a usable confidence are not included.

        Raises:
            ValueError: If there is no such answer.

        Example:
            >>> log = Rollouts(confidence=[0.9, 0.5], correct=[1, 0], question=["a", "b"])
            >>> log.forecasts().group
            array([0, 1])
        """
        rows = self.rows(method=method, dataset=dataset)
        rows = rows if self._stated is None else rows[self._stated]
        if not rows.any():
            raise ValueError(
                f"there are no rows with method {method!r} and dataset {dataset!r} that state a"
                " confidence"
            )
        return self._all if rows.all() else self._all[rows]

    def rows(self, *, method: str | None = None, dataset: str | None = None) -> NDArray[np.bool]:
        """(n,) mask of the rows of this method and this dataset."""
        everything = method is None or ("method" not in self.labels and method == EVERYTHING)
        rows = np.ones(len(self), dtype=np.bool_) if everything else self._is("method", str(method))
        return rows if dataset is None else rows & self._is("dataset", dataset)

    def _is(self, role: str, label: str) -> NDArray[np.bool]:
        if role not in self.labels:
            return np.zeros(len(self), dtype=np.bool_)
        return np.asarray(self.labels[role].code == self.labels[role].number(label), dtype=np.bool_)

    def _texts(self, role: str) -> NDArray[np.object_] | None:
        return self.labels[role].texts() if role in self.labels else None


def _same_length(confidence: NDArray[np.float64], **columns: NDArray[np.float64] | Labels) -> None:
    for name, column in columns.items():
        # `Forecasts` checks the length of `correct`.
        if len(column) != confidence.size and name != "correct":
            raise ValueError(
                f"`{name}` must have one entry per row, got {len(column)} for {confidence.size}"
                " rows"
            )
