"""Questions made of tokens, for agents that read them; a part of them is never trained on.

Every function makes the whole world or a part of it: the questions are put in an order that is
drawn once, the first two thirds are `"trained"` and the rest is `"held_out"`. `features` holds the
tokens of each question as whole numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from simulations.worlds.banks import require_counts
from simulations.worlds.world import World

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_theory.expression.numeric import Floats

QuestionPart = Literal["all", "trained", "held_out"]
TRAINED_SHARE = 2 / 3
"""The share of questions that are trained on."""


def lookup_world(
    symbols: int = 16,
    answers: int = 8,
    *,
    part: QuestionPart = "all",
    shift: float = 0.0,
    seed: int = 1,
) -> World:
    """Questions of two symbols a and b, whose answers and difficulty are regular functions of them.

        best answer = 3 a + 5 b mod K
        p(best) = clip(0.15 + 0.8 (a / (n - 1)) (0.6 + 0.4 cos b) - shift, 0.05, 0.97)
        p(next one) = p(best) / 2

    All other answers are never correct.

    Args:
        symbols: Number of symbols n, 2 or more; there are n^2 questions.
        answers: Number of answers K, 3 or more.
        part: "all" questions, those that are "trained" on, or those that are "held_out".
        shift: How much smaller the probability of the best answer is.
        seed: Seed of the order of the questions, which decides which of them are held out.

    Raises:
        ValueError: If a number is outside its domain.

    Example:
        >>> lookup_world()
        World(questions=256, answers=8, outcomes='independent', features=2)
        >>> lookup_world(part="trained").questions, lookup_world(part="held_out").questions
        (171, 85)
    """
    _require(symbols, answers, shift, part)
    a, b = np.divmod(np.arange(symbols**2), symbols)
    best = (3 * a + 5 * b) % answers
    hard = 0.15 + 0.8 * a / (symbols - 1) * (0.6 + 0.4 * np.cos(b)) - shift
    truth = np.zeros((symbols**2, answers))
    truth[np.arange(symbols**2), best] = np.clip(hard, 0.05, 0.97)
    truth[np.arange(symbols**2), (best + 1) % answers] = np.clip(hard, 0.05, 0.97) / 2
    recipe = {
        "kind": "lookup_world",
        "symbols": symbols,
        "part": part,
        "shift": shift,
        "seed": seed,
    }
    return _part(truth, np.c_[a, b], part, seed, recipe)


def sum_world(
    base: int = 5, *, part: QuestionPart = "all", shift: float = 0.0, seed: int = 1
) -> World:
    """Sums of two numbers of two digits, whose answers have two digits; carrying makes them hard.

    A question is the digits of two numbers in the base B, an answer the last two digits of their
    sum, so that there are B^4 questions and B^2 answers. With n carries (0, 1 or 2)

        p(the sum) = (0.9, 0.6, 0.3)[n] - shift, at least 0.05
        p(the sum without carrying) = p(the sum) / 3   if it is another answer

    All other answers are never correct. How hard a question is can only be known by adding.

    Args:
        base: The base B, 2 or more.
        part: "all" questions, those that are "trained" on, or those that are "held_out".
        shift: How much smaller the probability of the sum is.
        seed: Seed of the order of the questions, which decides which of them are held out.

    Raises:
        ValueError: If a number is outside its domain.

    Example:
        >>> sum_world(part="held_out")
        World(questions=208, answers=25, outcomes='independent', features=4)
    """
    _require(base, base**2, shift, part)
    tens, ones, more_tens, more_ones = digits = np.indices((base,) * 4).reshape(4, -1)
    carried = ones + more_ones >= base
    overflows = tens + more_tens + carried >= base
    total = (base * (tens + more_tens) + ones + more_ones) % base**2
    without = base * ((tens + more_tens) % base) + (ones + more_ones) % base
    likely = np.maximum(np.array([0.9, 0.6, 0.3])[carried * 1 + overflows] - shift, 0.05)
    truth = np.zeros((base**4, base**2))
    truth[np.arange(base**4), without] = likely / 3
    truth[np.arange(base**4), total] = likely
    recipe = {"kind": "sum_world", "base": base, "part": part, "shift": shift, "seed": seed}
    return _part(truth, digits.T, part, seed, recipe)


def _part(
    truth: Floats,
    tokens: NDArray[np.int64],
    part: QuestionPart,
    seed: int,
    recipe: dict[str, object],
) -> World:
    order = np.random.default_rng(seed).permutation(len(truth))
    cut = round(TRAINED_SHARE * len(truth))
    some = {"all": order, "trained": order[:cut], "held_out": order[cut:]}[part]
    return World(truth[some], tokens[some].astype(np.float64), recipe=recipe)


def _require(symbols: int, answers: int, shift: float, part: str) -> None:
    require_counts(symbols, answers - 1, shift)
    if symbols < 2:
        raise ValueError(f"there must be 2 symbols or more, got {symbols}")
    if part not in get_args(QuestionPart):
        raise ValueError(f'`part` must be "all", "trained" or "held_out", got {part!r}')
