"""The cluster bootstrap of mean rewards: whole questions are drawn once for all methods."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.calibration.mean_intervals import EXACT_GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from scoring_theory.replaying.answers import Answers

_BLOCK, _AT_ONCE, _ALONE = 1 << 15, 1 << 26, 1 << 18
_DRAWN = 1 << 24


def resample(
    answers: Answers, methods: int, *, rng: np.random.Generator, resamples: int
) -> NDArray[np.float64]:
    """The cluster bootstrap of the mean rewards of all methods.

    For question g and each method, X_g contains the number of answers (with weights, their sum),
    the sum of each reward, and the number of answers for which it is -inf. Up to 20,000 questions,
    the sum of X over questions drawn with replacement is computed; beyond, it is drawn from its
    normal limit N(sum X, sum X X' - (sum X)(sum X)'/G), where the number of questions with -inf is
    Poisson.

    Source: Davison and Hinkley 1997, section 3.8 (resampling of clusters).

    Args:
        answers: The answers of all methods.
        methods: M, the number of methods.
        rng: The only source of randomness.
        resamples: B, the number of resamples.

    Returns:
        (1 + B, M, R) mean rewards, those of the log in row 0; -inf if an answer with -inf was
        drawn; NaN if no answer of the method was drawn, or if there is only one question.

    Example:
        >>> from scoring_theory.replaying.answers import answers_of
        >>> from scoring_theory.reward import Reward
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[0.5, 0.5], correct=[1, 0])
        >>> answers = answers_of(log, {"binary": Reward.parse("c")})
        >>> means = resample(answers, 1, rng=np.random.default_rng(0), resamples=99)
        >>> means.shape, means[0, 0, 0]
        ((100, 1, 1), np.float64(0.5))
    """
    rewards, width = len(answers.paid), 1 + 2 * len(answers.paid)
    groups = groups_of(answers)
    blocks = _blocks(answers, groups, methods)
    if groups <= EXACT_GROUPS:
        sums = np.concatenate([block.reshape(len(block), -1) for block in blocks])
        total, drawn = sums.sum(axis=0), _with_replacement(sums, rng, resamples)
    else:
        ruined = np.tile(np.arange(width) > rewards, methods)
        total, covariance, lost = _moments(blocks, groups, ruined)
        drawn = total + _normal(covariance, rng, resamples)
        drawn[:, ruined] = rng.poisson(lost, size=(resamples, lost.size))
    return _measures(np.vstack([total, drawn]).reshape(1 + resamples, methods, width), rewards)


def groups_of(answers: Answers) -> int:
    """The number of questions, or of answers if they are not grouped.

    Example:
        >>> from scoring_theory.replaying.answers import answers_of
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[0.5, 0.5], correct=[1, 0], question=["a", "a"])
        >>> groups_of(answers_of(log, {}))
        1
    """
    return answers.method.size if answers.group is None else int(answers.group.max()) + 1


def _blocks(answers: Answers, groups: int, methods: int) -> Iterator[NDArray[np.float64]]:
    """Blocks (questions, M, 1 + 2R) of the X of consecutive questions."""
    width = methods * (1 + 2 * len(answers.paid))
    size = groups if groups <= max(EXACT_GROUPS, _AT_ONCE // width) else _BLOCK
    if size == groups:
        cell = (
            np.arange(groups) if answers.group is None else answers.group
        ) * methods + answers.method
        yield _sums(answers, slice(None), cell, groups * methods).reshape(groups, methods, -1)
        return
    order = None if answers.group is None else np.argsort(answers.group)
    ordered = np.arange(groups) if order is None or answers.group is None else answers.group[order]
    cuts = np.searchsorted(ordered, np.arange(0, groups + size, size))
    for start, (a, b) in zip(range(0, groups, size), pairwise(cuts), strict=False):
        rows = slice(a, b) if order is None else order[a:b]
        many = min(size, groups - start)
        cell = (ordered[a:b] - start) * methods + answers.method[rows]
        yield _sums(answers, rows, cell, many * methods).reshape(many, methods, -1)


def _sums(
    answers: Answers, rows: slice | NDArray[np.int64], cell: NDArray[np.int64], cells: int
) -> NDArray[np.float64]:
    """(cells, 1 + 2R) the number of answers, the finite sums, and the numbers of -inf, by cell."""
    paid = answers.paid[:, rows]
    sums = np.zeros((cells, 1 + 2 * len(paid)))
    weight = None if answers.weight is None else answers.weight[rows]
    sums[:, 0] = np.bincount(cell, weights=weight, minlength=cells)
    for k, row in enumerate(paid):
        ruined = np.isneginf(row) if row.size and np.isneginf(row.min()) else None
        if ruined is not None:
            counted = ruined if weight is None else ruined & (weight > 0)
            sums[:, 1 + len(paid) + k] = np.bincount(cell[counted], minlength=cells)
        finite = row if ruined is None else np.where(ruined, 0.0, row)
        finite = finite if weight is None else finite * weight
        sums[:, 1 + k] = np.bincount(cell, weights=finite, minlength=cells)
    return sums


def _with_replacement(
    sums: NDArray[np.float64], rng: np.random.Generator, resamples: int
) -> NDArray[np.float64]:
    """(B, size) sums over resampled questions, in chunks that bound the memory."""
    groups = len(sums)
    if groups == 1:  # every resample is the log, which does not mean certainty
        return np.full((resamples, sums.shape[1]), np.nan)
    drawn, size = [np.empty((0, sums.shape[1]))], max(1, _DRAWN // groups)
    for start in range(0, resamples, size):
        many = min(size, resamples - start)
        chosen = rng.integers(groups, size=(many, groups)) + groups * np.arange(many)[:, None]
        times = np.bincount(chosen.ravel(), minlength=many * groups).reshape(many, groups)
        drawn.append(times.astype(np.float64) @ sums)
    return np.concatenate(drawn)


def _moments(
    blocks: Iterator[NDArray[np.float64]], groups: int, ruined: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The sum of X over all questions, its covariance under the bootstrap, and -inf by question.

    `ruined` marks the columns that count -inf; the last result counts the questions with any.
    """
    total, squares = np.zeros(ruined.size), np.zeros((ruined.size, ruined.size))
    lost = np.zeros(int(ruined.sum()))
    for block in blocks:
        flat = block.reshape(len(block), -1)
        total += flat.sum(axis=0)
        squares += _products(flat)
        if total[ruined].any():
            lost += np.count_nonzero(flat[:, ruined], axis=0)
    return total, squares - np.outer(total, total) / groups, lost


def _normal(
    covariance: NDArray[np.float64], rng: np.random.Generator, resamples: int
) -> NDArray[np.float64]:
    """(B, size) draws with mean 0; a negative eigenvalue is a rounding error and counts as 0."""
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    drawn: NDArray[np.float64] = rng.standard_normal((resamples, values.size)) @ root.T
    return drawn


def _products(flat: NDArray[np.float64]) -> NDArray[np.float64]:
    """X'X from pieces so small that BLAS starts no threads, which on a busy machine would wait."""
    size = flat.shape[1]
    many = max(1, _ALONE // size**2)
    total = np.zeros((size, size))
    for part in (flat[start : start + many] for start in range(0, len(flat), many)):
        total += part.T @ part
    return total


def _measures(sums: NDArray[np.float64], rewards: int) -> NDArray[np.float64]:
    answers, paid, ruined = sums[..., :1], sums[..., 1 : 1 + rewards], sums[..., 1 + rewards :]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(ruined > 0, -np.inf, np.where(answers > 0, paid / answers, np.nan))
