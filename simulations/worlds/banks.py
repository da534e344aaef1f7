"""Banks of unrelated questions, for agents that keep a table: difficulty drawn, listed or read from a file."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scoring_theory.advantage import Outcomes
from scoring_theory.display import one_line
from simulations.worlds.world import FloatArray, World


@dataclass(frozen=True)
class Beta:
    """The best candidate's p ~ Beta(alpha, beta).

    Raises:
        ValueError: If a parameter is not positive.
    """

    alpha: float = 1.2
    beta: float = 1.2

    __repr__ = one_line

    def __post_init__(self) -> None:
        if not min(self.alpha, self.beta) > 0:  # false for NaN
            raise ValueError(
                f"`difficulty` must hold two positive numbers, got {(self.alpha, self.beta)}"
            )

    def draw(self, rng: np.random.Generator, questions: int) -> FloatArray:
        """Solve rates, (Q,)."""
        return rng.beta(self.alpha, self.beta, questions)


@dataclass(frozen=True)
class TwoPoint:
    """The best candidate's p is `easy` with probability `share`, else `hard`.

    Raises:
        ValueError: If a number lies outside [0, 1].
    """

    hard: float = 0.2
    easy: float = 0.9
    share: float = 0.5

    __repr__ = one_line

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not 0 <= value <= 1:
                raise ValueError(f"`{name}` must lie in [0, 1], got {value}")

    def draw(self, rng: np.random.Generator, questions: int) -> FloatArray:
        """Solve rates, (Q,)."""
        return np.where(rng.random(questions) < self.share, self.easy, self.hard)


@dataclass(frozen=True)
class Listed:
    """The best candidate's p is drawn from a list, each entry equally likely.

    Raises:
        ValueError: If the list is empty or an entry lies outside [0, 1].
    """

    rates: tuple[float, ...]

    __repr__ = one_line

    def __post_init__(self) -> None:
        object.__setattr__(self, "rates", tuple(_require_rates(self.rates).tolist()))

    def draw(self, rng: np.random.Generator, questions: int) -> FloatArray:
        """Solve rates, (Q,)."""
        return rng.choice(np.array(self.rates), questions)


def bank(
    questions: int = 256,
    answers: int = 8,
    *,
    shift: float = 0.0,
    difficulty: tuple[float, float] | Beta | TwoPoint | Listed = (1.2, 1.2),
    outcomes: Outcomes = "independent",
    seed: int = 0,
) -> World:
    """A bank of unrelated questions with drawn difficulty.

    The best candidate of a question has p drawn from `difficulty`; the others have that p times a
    uniform number of [0, 0.9], and the last has p = 0. A shift s lowers the log-odds of every
    candidate by s: competence falls, and nothing that an agent can see tells.

    Args:
        questions: Number of questions, 1 or more.
        answers: Candidates for each, 2 or more, counting the hopeless one.
        shift: By how much log-odds fall; 0 in distribution.
        difficulty: How the best candidate's p is drawn: `Beta`, `TwoPoint` or `Listed`, or Beta's
            two parameters.
        outcomes: See `Outcomes`.
        seed: Of the draw; the same seed with another shift is the same bank under other conditions.

    Raises:
        ValueError: If a number is outside its domain.

    Example:
        >>> home, away = bank(seed=1), bank(seed=1, shift=1.0)
        >>> bool(np.all(away.success_probability <= home.success_probability)), away.best_accuracy < home.best_accuracy
        (True, True)
        >>> sorted(set(bank(8, difficulty=TwoPoint(0.25, 0.75)).success_probability[:, 0].tolist()))
        [0.25, 0.75]
    """
    require_counts(questions, answers, shift)
    drawn = Beta(*difficulty) if isinstance(difficulty, tuple) else difficulty
    rng = np.random.default_rng(seed)
    recipe = {"kind": "bank", "seed": seed, "shift": shift, **_named(drawn)}
    return World(
        fallen(_candidates(drawn.draw(rng, questions), answers, rng), shift),
        outcomes=outcomes,
        recipe=recipe,
    )


def bank_of(
    rates: Sequence[float] | FloatArray,
    answers: int = 8,
    *,
    outcomes: Outcomes = "independent",
    seed: int = 0,
) -> World:
    """A bank with one question for each given solve rate, in that order.

    Args:
        rates: What the best candidate of each question succeeds with, (Q,), in [0, 1].
        answers: Candidates for each; those between the best and the hopeless one are drawn as in
            `bank`.
        outcomes: See `Outcomes`.
        seed: Of the draw of the other candidates.

    Raises:
        ValueError: If a rate lies outside [0, 1], with its place, or there is none.

    Example:
        >>> bank_of([0.25, 0.75], answers=2).success_probability.tolist()
        [[0.25, 0.0], [0.75, 0.0]]
    """
    best = _require_rates(rates)
    require_counts(best.size, answers, 0.0)
    truth = _candidates(best, answers, np.random.default_rng(seed))
    return World(truth, outcomes=outcomes, recipe={"kind": "bank_of", "seed": seed})


def read_solve_rates(path: str | Path, *, column: str = "solve_rate") -> FloatArray:
    """Per-question solve rates from a CSV file with a header, such as pass rates of a model on a benchmark.

    Every row counts: a row that cannot be read is an error and never skipped.

    Args:
        path: The file, UTF-8.
        column: The header of the column; others are ignored.

    Returns:
        The rates in the order of the file, (Q,): `bank_of(read_solve_rates("rates.csv"))`.

    Raises:
        ValueError: If the column is missing, the file has no rows, or an entry is not a number in
            [0, 1]; the sentence names the line of the file and the value.
    """
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if column not in (reader.fieldnames or ()):
            found = ", ".join(reader.fieldnames or ()) or "no header"
            raise ValueError(f"{Path(path).name} has no column `{column}`; it has {found}")
        rates = [
            _rate(row[column], f"line {reader.line_num} of {Path(path).name}", column)
            for row in reader
        ]
    if not rates:
        raise ValueError(f"{Path(path).name} has a header and no questions")
    return np.array(rates)


def fallen(truth: FloatArray, by: float) -> FloatArray:
    """Success probabilities with log-odds lower by `by`; 0 and 1 stay."""
    odds = np.exp(-by)
    return np.asarray(truth * odds / (1 - truth + truth * odds))


def require_counts(questions: int, answers: int, shift: float) -> None:
    """Refuse worlds without questions or without a choice, and shifts that are no numbers."""
    if questions < 1 or answers < 2:
        raise ValueError(
            f"a world needs 1 question and 2 candidates or more, got {questions} and {answers}"
        )
    if not np.isfinite(shift):
        raise ValueError(f"`shift` must be a finite number, got {shift}")


def _candidates(best: FloatArray, answers: int, rng: np.random.Generator) -> FloatArray:
    others = rng.uniform(0, 0.9, (best.size, answers - 2))
    return np.asarray(best[:, None] * np.c_[np.ones(best.size), others, np.zeros(best.size)])


def _named(difficulty: Beta | TwoPoint | Listed) -> dict[str, Any]:
    numbers = {key: list(v) if isinstance(v, tuple) else v for key, v in asdict(difficulty).items()}
    return (
        numbers
        if isinstance(difficulty, Beta)
        else {"difficulty": type(difficulty).__name__, **numbers}
    )


def _rate(text: str | None, where: str, column: str) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = float("nan")
    if not 0 <= value <= 1:
        raise ValueError(f"`{column}` must be a number in [0, 1], got {text!r} in {where}")
    return value


def _require_rates(rates: Sequence[float] | FloatArray) -> FloatArray:
    array = np.asarray(rates, dtype=np.float64)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(
            f"`rates` must be a list of 1 or more solve rates, got shape {array.shape}"
        )
    outside = ~((array >= 0) & (array <= 1))
    if outside.any():
        index = int(np.flatnonzero(outside)[0])
        raise ValueError(f"`rates` must lie in [0, 1], got {array[index]} at index {index}")
    return array
