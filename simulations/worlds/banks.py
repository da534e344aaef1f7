"""Question sets for tabular agents, with solve rates that are drawn, listed or read from a file."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring_theory.advantage import Outcomes
from scoring_theory.display import one_line
from simulations.worlds.world import World

if TYPE_CHECKING:
    from scoring_theory.expression.numeric import Floats


@dataclass(frozen=True)
class Beta:
    """Difficulty: the solve rate of a question is drawn from Beta(alpha, beta).

    Args:
        alpha: First parameter, positive.
        beta: Second parameter, positive.

    Raises:
        ValueError: If a parameter is not positive.

    Example:
        >>> bool(0 < Beta(2.0, 2.0).draw(np.random.default_rng(0), 100).mean() < 1)
        True
    """

    alpha: float = 1.2
    beta: float = 1.2

    __repr__ = one_line

    def __post_init__(self) -> None:
        if not min(self.alpha, self.beta) > 0:  # false for NaN
            raise ValueError(
                f"`difficulty` must hold two positive numbers, got {(self.alpha, self.beta)}"
            )

    def draw(self, rng: np.random.Generator, questions: int) -> Floats:
        """Solve rates, (Q,)."""
        return rng.beta(self.alpha, self.beta, questions)


@dataclass(frozen=True)
class TwoPoint:
    """Difficulty: the solve rate is `easy` with probability `share`, otherwise `hard`.

    Args:
        hard: Solve rate of hard questions, in [0, 1].
        easy: Solve rate of easy questions, in [0, 1].
        share: Probability that a question is easy, in [0, 1].

    Raises:
        ValueError: If a number lies outside [0, 1].

    Example:
        >>> TwoPoint(0.2, 0.9, share=1.0).draw(np.random.default_rng(0), 2).tolist()
        [0.9, 0.9]
    """

    hard: float = 0.2
    easy: float = 0.9
    share: float = 0.5

    __repr__ = one_line

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not 0 <= value <= 1:
                raise ValueError(f"`{name}` must lie in [0, 1], got {value}")

    def draw(self, rng: np.random.Generator, questions: int) -> Floats:
        """Solve rates, (Q,)."""
        return np.where(rng.random(questions) < self.share, self.easy, self.hard)


@dataclass(frozen=True)
class Listed:
    """Difficulty: the solve rate is drawn from a list, with equal probabilities.

    Args:
        rates: Solve rates in [0, 1], at least one.

    Raises:
        ValueError: If the list is empty or an entry lies outside [0, 1].

    Example:
        >>> Listed((0.5,)).draw(np.random.default_rng(0), 2).tolist()
        [0.5, 0.5]
    """

    rates: tuple[float, ...]

    __repr__ = one_line

    def __post_init__(self) -> None:
        object.__setattr__(self, "rates", tuple(_require_rates(self.rates).tolist()))

    def draw(self, rng: np.random.Generator, questions: int) -> Floats:
        """Solve rates, (Q,)."""
        return rng.choice(np.array(self.rates), questions)


def bank(
    questions: int = 256,
    answers: int = 8,
    *,
    shift: float = 0.0,
    headroom: float = 0.0,
    sharpness: float = 1.0,
    difficulty: tuple[float, float] | Beta | TwoPoint | Listed = (1.2, 1.2),
    outcomes: Outcomes = "independent",
    seed: int = 0,
) -> World:
    """A set of unrelated questions whose difficulty is drawn at random.

    The solve rate of a question, the success probability of its best answer, is drawn from
    `difficulty`. One answer is never correct, and the others have the solve rate times a uniform
    number in [0, 0.9]; the order of the answers is random. A shift s lowers the log-odds of every
    answer by s, without any change that the agent can observe.

    Args:
        questions: Number of questions, 1 or more.
        answers: Number of answers to each question, 2 or more, including the one that is never
            correct.
        shift: Decrease of all log-odds; 0 in distribution.
        headroom: Increase of all log-odds, in and out of distribution.
        sharpness: Power of the uniform numbers, not negative: the larger, the worse are the other
            answers than the best one.
        difficulty: Distribution of the solve rate: `Beta`, `TwoPoint` or `Listed`, or the two
            parameters of a Beta distribution.
        outcomes: How correctness is correlated within a group of rollouts, see `Outcomes`.
        seed: Seed of the draw; the same seed with another shift gives the same questions, shifted.

    Raises:
        ValueError: If a number is outside its domain.

    Example:
        >>> inside, outside = bank(seed=1), bank(seed=1, shift=1.0)
        >>> bool(np.all(outside.success_probability <= inside.success_probability))
        True
        >>> two = bank(8, difficulty=TwoPoint(0.25, 0.75))
        >>> sorted(set(two.success_probability.max(axis=1).tolist()))
        [0.25, 0.75]
    """
    require_counts(questions, answers, shift)
    require_knobs(headroom, sharpness)
    drawn = Beta(*difficulty) if isinstance(difficulty, tuple) else difficulty
    rng = np.random.default_rng(seed)
    recipe = {"kind": "bank", "seed": seed, "shift": shift, **_named(drawn)}
    recipe |= {"headroom": headroom, "sharpness": sharpness}
    best = drawn.draw(rng, questions)
    return World(
        fallen(_candidates(best, answers, rng, sharpness=sharpness), shift - headroom),
        outcomes=outcomes,
        recipe=recipe,
    )


def bank_of(
    rates: Sequence[float] | Floats,
    answers: int = 8,
    *,
    outcomes: Outcomes = "independent",
    seed: int = 0,
) -> World:
    """A set of unrelated questions with given solve rates, in the given order.

    Args:
        rates: Success probability of the best answer to each question, (Q,), in [0, 1].
        answers: Number of answers to each question, 2 or more; those beside the best answer and
            the one that is never correct are drawn, and all are put in order, as in `bank`.
        outcomes: How correctness is correlated within a group of rollouts, see `Outcomes`.
        seed: Seed of the draw of the other answers.

    Raises:
        ValueError: If a rate lies outside [0, 1] (the message names its index), or the list is
            empty.

    Example:
        >>> bank_of([0.25, 0.75], answers=2).success_probability.max(axis=1).tolist()
        [0.25, 0.75]
    """
    best = _require_rates(rates)
    require_counts(best.size, answers, 0.0)
    truth = _candidates(best, answers, np.random.default_rng(seed))
    return World(truth, outcomes=outcomes, recipe={"kind": "bank_of", "seed": seed})


def several_right(questions: int, answers: int = 8, *, right: int = 3) -> World:
    """Questions with several answers that are always correct; all others never are.

    The correct answers of question x are 3 x, 3 x + 1, ..., modulo the number of answers, so that
    they stand at other places in each question.

    Args:
        questions: Number of questions, 1 or more.
        answers: Number of answers to each question, 2 or more.
        right: Number of correct answers, from 1 to one less than `answers`.

    Raises:
        ValueError: If a number is outside its domain.

    Example:
        >>> several_right(2, 4, right=2).success_probability.tolist()
        [[1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 1.0]]
    """
    require_counts(questions, answers, 0.0)
    if not 1 <= right < answers:
        raise ValueError(
            f"the number of correct answers must be from 1 to {answers - 1}, since one answer is"
            f" never correct, got {right}"
        )
    truth = np.zeros((questions, answers))
    place = (3 * np.arange(questions)[:, None] + np.arange(right)) % answers
    np.put_along_axis(truth, place, 1.0, axis=1)
    return World(truth, recipe={"kind": "several_right", "right": right})


def read_solve_rates(path: str | Path, *, column: str = "solve_rate") -> Floats:
    r"""Read the solve rate of each question from a CSV file with a header.

    For example, these are the pass rates of a model on a benchmark. No row is skipped: a row that
    cannot be read is an error.

    Args:
        path: The file, in UTF-8.
        column: The header of the column; other columns are ignored.

    Returns:
        The rates in the order of the file, (Q,), for `bank_of`.

    Raises:
        ValueError: If the column is missing, the file has no rows, or an entry is not a number in
            [0, 1]; the message names the line of the file and the value.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "rates.csv"
        ...     _ = path.write_text("question,solve_rate\nq1,0.25\nq2,0.75\n")
        ...     bank_of(read_solve_rates(path), answers=2).success_probability.max(axis=1).tolist()
        [0.25, 0.75]
    """
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if column not in (reader.fieldnames or ()):
            columns = ", ".join(reader.fieldnames or ()) or "no header"
            raise ValueError(f"{Path(path).name} has no column `{column}`; it has {columns}")
        rates = [
            _rate(row[column], f"line {reader.line_num} of {Path(path).name}", column)
            for row in reader
        ]
    if not rates:
        raise ValueError(f"{Path(path).name} has a header but no questions")
    return np.array(rates)


def fallen(truth: Floats, by: float) -> Floats:
    """Success probabilities with log-odds lower by `by`; 0 and 1 do not change.

    Args:
        truth: Success probabilities, any shape, in [0, 1].
        by: Decrease of the log-odds.

    Example:
        >>> fallen(np.array([0.5, 1.0]), np.log(3.0)).round(12).tolist()
        [0.25, 1.0]
    """
    odds = np.exp(-by)
    return np.asarray(truth * odds / (1 - truth + truth * odds))


def require_counts(questions: int, answers: int, shift: float) -> None:
    """Refuse worlds with less than 1 question or 2 answers, and shifts that are not finite.

    Raises:
        ValueError: If a number is outside its domain.

    Example:
        >>> require_counts(1, 1, 0.0)
        Traceback (most recent call last):
        ...
        ValueError: a world needs at least 1 question and 2 answers, got 1 and 1
    """
    if questions < 1 or answers < 2:
        raise ValueError(
            f"a world needs at least 1 question and 2 answers, got {questions} and {answers}"
        )
    if not np.isfinite(shift):
        raise ValueError(f"`shift` must be a finite number, got {shift}")


def require_knobs(headroom: float, sharpness: float) -> None:
    """Refuse a headroom that is not finite, and a sharpness that is negative or not finite.

    Raises:
        ValueError: If a number is outside its domain.

    Example:
        >>> require_knobs(0.0, -1.0)
        Traceback (most recent call last):
        ...
        ValueError: `headroom` must be finite and `sharpness` not negative, got 0.0 and -1.0
    """
    if not (np.isfinite(headroom) and 0 <= sharpness < np.inf):
        raise ValueError(
            f"`headroom` must be finite and `sharpness` not negative, got {headroom} and"
            f" {sharpness}"
        )


def _candidates(
    best: Floats, answers: int, rng: np.random.Generator, *, sharpness: float = 1.0
) -> Floats:
    """Success probabilities in an order of the answers that is drawn for each question.

    A reward or a vote that prefers an answer for its number then gains nothing by it.
    """
    others = rng.uniform(0, 0.9, (best.size, answers - 2)) ** sharpness
    relative = np.c_[np.ones(best.size), others, np.zeros(best.size)]
    return np.asarray(best[:, None] * rng.permuted(relative, axis=1))


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


def _require_rates(rates: Sequence[float] | Floats) -> Floats:
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
