"""Votes: the most frequent, the best supported or the surest of N answers, by honest confidence.

N answers to one question are sampled, each with its stated confidence. The majority vote takes the
most frequent answer, the weighted vote the one with the greatest sum of confidences, and the
max-confidence vote the surest one. With pi(y) the share of an answer and q(y) its confidence, for
large N they choose

    majority         argmax pi(y)
    weighted         argmax pi(y) q(y)
    max-confidence   argmax q(y), among the answers that occur

With honest confidence, q(y) = p(y), the max-confidence vote is the best choice among the answers
sampled, and the weighted vote finds the right answer from a share of p_w / p_r times that of the
strongest wrong one, where a majority needs a larger share than that one. If confidence knows
nothing, max-confidence is a lottery among the answers that occur, and worse than majority where the
mode is right. The binary reward is exactly flat in q, so that it leaves confidence as it was.

    >>> import numpy as np
    >>> from simulations.policies import StatedPolicy
    >>> share = np.array([[[0.35, 0.65]]])  # the mode is the worse answer
    >>> honest = StatedPolicy(share, np.array([[[[1.0, 0.0], [0.0, 1.0]]]]), np.array([0.7, 0.1]))
    >>> truth = np.array([[0.7, 0.1]])
    >>> [round(float(vote_accuracy(honest, truth, 5, vote)[0]), 3) for vote in VOTE_RULES]
    [0.241, 0.63, 0.63]
    >>> round(least_share_ratio("majority", 0.7, 0.1), 3)
    1.0
    >>> round(least_share_ratio("weighted", 0.7, 0.1), 3)
    0.143
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from math import comb
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from simulations.decisions.votes import majority_choice, max_confidence_choice, weighted_choice
from simulations.laboratory.rewarded import COMPARED, Lesson
from simulations.laboratory.system import (
    Conditions,
    Finding,
    Knob,
    Panel,
    System,
    SystemOutcome,
    as_cells,
    mean_and_error,
    seedless,
)
from simulations.policies import StatedPolicy
from simulations.signals.groups import MAX_GROUPS, multisets
from simulations.signals.training import Trained, draw_groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.training.kernels import FloatArray

Vote = Callable[[Any, Any, int], "FloatArray"]
"""From answers and confidences, (..., N), to the chance of each of the K answers."""
VOTE_RULES: Mapping[str, Vote] = MappingProxyType(
    {
        "majority": lambda answers, _, kinds: majority_choice(answers, kinds),
        "weighted": weighted_choice,
        "max-confidence": max_confidence_choice,
    }
)
"""The votes that are compared."""

_GRID = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
_BOASTFUL = np.array([0.05, 0.05, 0.1, 0.3, 0.5])
"""How often each level is stated before training, whatever the answer."""
_KINDS, _THIRD = 3, 0.1
"""Each question has three answers; the last one is rare and never correct."""
_RATE, _DRAWS = 0.2, 64
_RATIOS, _MANY = (0.05, 0.1, 0.2, 0.5, 1.2), 51
"""Shares of the right answer, over that of the strongest wrong one, for the table; its N."""


def least_share_ratio(vote: str, right: float, wrong: float) -> float:
    """The share of the right answer, over that of the wrong one, above which a large vote finds it.

    Args:
        vote: "majority", "weighted" or "max-confidence".
        right: the confidence of the right answer.
        wrong: the confidence of the wrong one.

    Raises:
        ValueError: the vote is unknown.

    Example:
        >>> least_share_ratio("weighted", 0.8, 0.2), least_share_ratio("max-confidence", 0.8, 0.2)
        (0.25, 0.0)
    """
    if vote not in VOTE_RULES:
        raise ValueError(f"`vote` must be one of {', '.join(VOTE_RULES)}, got {vote!r}")
    if vote == "majority":
        return 1.0
    if vote == "weighted":
        return wrong / right if right > 0 else float("inf")
    return 0.0 if right > wrong else float("inf")


@lru_cache(maxsize=32)
def _choices(
    vote: str, kinds: int, grid: tuple[float, ...], size: int
) -> tuple[NDArray[np.int64], FloatArray]:
    """The kinds of rollouts in each group, (n, N), and its orders times what the vote chooses."""
    levels = len(grid)
    if comb(kinds * levels + size - 1, size) > MAX_GROUPS:
        raise ValueError(
            f"at most {MAX_GROUPS} groups can be enumerated, got {kinds * levels} kinds of rollouts"
            f" in groups of {size}"
        )
    members, orders = multisets(kinds * levels, size)
    answers, level = np.divmod(members, levels)
    chosen = VOTE_RULES[vote](answers, np.array(grid)[level], kinds)
    return members, orders[:, None] * chosen


def vote_accuracy(policy: StatedPolicy, truth: FloatArray, size: int, vote: str) -> FloatArray:
    """P(the vote is correct) of each question, exactly, by enumeration of all groups, (Q,).

    Args:
        policy: the policy, of one run.
        truth: P(correct) of each answer, (Q, K).
        size: the number of answers sampled, N.
        vote: "majority", "weighted" or "max-confidence".

    Raises:
        ValueError: there are more than 200,000 groups.

    Example:
        >>> sure = StatedPolicy(np.array([[[0.5, 0.5]]]), np.ones((1, 1, 2, 1)), np.array([1.0]))
        >>> vote_accuracy(sure, np.array([[1.0, 0.0]]), 3, "majority").tolist()
        [0.5]
    """
    questions, kinds = truth.shape
    members, chosen = _choices(vote, kinds, tuple(policy.grid.tolist()), size)
    joint = policy.joint[0].reshape(questions, -1)
    chance = np.prod(joint[:, members], axis=-1)  # (Q, n)
    return np.asarray(((chance @ chosen) * truth).sum(axis=-1))


def fixed_confidence_accuracy(
    share: FloatArray, confidence: FloatArray, truth: FloatArray, size: int, vote: str
) -> float:
    """P(the vote is correct) where every answer has one confidence, exactly, for many answers.

    Args:
        share: the probability of each answer, (K,).
        confidence: the confidence of each answer, (K,).
        truth: P(correct) of each answer, (K,).
        size: the number of answers sampled, N.
        vote: "majority", "weighted" or "max-confidence".

    Example:
        >>> share, p = np.array([0.2, 0.8]), np.array([0.9, 0.1])
        >>> round(fixed_confidence_accuracy(share, p, p, 51, "weighted"), 3)
        0.866
        >>> round(fixed_confidence_accuracy(share, p, p, 51, "majority"), 3)
        0.1
    """
    members, orders = multisets(len(share), size)
    chance = orders * np.prod(share[members], axis=-1)
    chosen = VOTE_RULES[vote](members, confidence[members], len(share))
    return float(chance @ chosen @ truth)


def sampled_accuracy(
    policy: StatedPolicy,
    truth: FloatArray,
    size: int,
    *,
    draws: int,
    seed: int,
    votes: Sequence[str] = tuple(VOTE_RULES),
) -> dict[str, FloatArray]:
    """The mean over `draws` groups of N answers that every run gives, for some votes, (R, Q).

    Example:
        >>> sure = StatedPolicy(np.array([[[1.0, 0.0]]]), np.ones((1, 1, 2, 1)), np.array([1.0]))
        >>> found = sampled_accuracy(sure, np.array([[0.75, 0.0]]), 3, draws=2, seed=0)
        >>> found["majority"].tolist()
        [[0.75]]
    """
    rng = np.random.default_rng(np.random.SeedSequence([seed, 1]))
    groups = draw_groups(policy, policy, truth, size * draws, rng)
    runs, questions = groups.answers.shape[:2]
    shape = (runs, questions, draws, size)
    answers, confidence = groups.answers.reshape(shape), policy.grid[groups.levels].reshape(shape)
    return {
        name: (VOTE_RULES[name](answers, confidence, truth.shape[1]) * truth[:, None])
        .sum(-1)
        .mean(-1)
        for name in votes
    }


def _start(share: float) -> StatedPolicy:
    """Two questions: the right answer is the mode of the first, and not of the second."""
    common = 1 - _THIRD - share
    answer = np.array([[[common, share, _THIRD], [share, _THIRD, common]]])
    return StatedPolicy(answer, np.tile(_BOASTFUL, (1, 2, _KINDS, 1)), _GRID)


def _truth(right: float, wrong: float) -> FloatArray:
    return np.array([[right, wrong, 0.0], [right, 0.0, wrong]])


def _lesson(conditions: Conditions, *, answers_learn: bool = False) -> Lesson:
    right, wrong = conditions["right"], conditions["wrong"]
    if right + wrong > 1:
        raise ValueError(
            f"`right` and `wrong` must not exceed 1 together, got {right:g} and {wrong:g}"
        )
    return Lesson(
        _start(conditions["share"]),
        _truth(right, wrong),
        conditions.rate(_RATE),
        conditions.steps(1500, 4000),
        answers_learn=answers_learn,
    )


def _exact(policy: StatedPolicy, truth: FloatArray, size: int) -> dict[str, FloatArray]:
    return {vote: vote_accuracy(policy, truth, size, vote) for vote in VOTE_RULES}


def _findings(
    conditions: Conditions, lesson: Lesson, trained: Trained, limit: Trained
) -> tuple[Finding, ...]:
    size, rate = int(conditions["samples"]), lesson.learning_rate
    measured = sampled_accuracy(trained.end, lesson.truth, size, draws=_DRAWS, seed=conditions.seed)
    exact = _exact(limit.end, lesson.truth, size)
    gained = {
        f"{vote} vote minus majority{where}": (
            measured[vote][:, of].mean(axis=1) - measured["majority"][:, of].mean(axis=1),
            float(exact[vote][of].mean() - exact["majority"][of].mean()),
        )
        for vote, where, of in (
            ("weighted", f", N = {size}, both questions", [0, 1]),
            ("max-confidence", " where the mode is right", [0]),
            ("max-confidence", " where the mode is wrong", [1]),
        )
    }
    return tuple(
        Finding(label, *mean_and_error(values), value, 0.1 * rate)
        for label, (values, value) in gained.items()
    )


@seedless
def _rows(conditions: Conditions) -> list[tuple[str, ...]]:
    size = int(conditions["samples"])
    found = []

    def add(name: str, policy: StatedPolicy, truth: FloatArray) -> None:
        single = float(policy.accuracy(truth)[0])
        votes = _exact(policy, truth, size).values()
        ece = float(policy.calibration_error(truth)[0])
        found.append((name, *as_cells([single, *(vote.mean() for vote in votes), ece])))

    for answers_learn in (False, True):
        lesson = _lesson(conditions, answers_learn=answers_learn)
        if not answers_learn:
            add("before training", lesson.start, lesson.truth)
        trained = "all tokens" if answers_learn else "confidence tokens"
        for name, reward in COMPARED.items():
            add(f"{name}, {trained}", lesson.mean_field(reward).end, lesson.truth)
    return found


@lru_cache(maxsize=32)
def _boundary_rows(right: float, wrong: float) -> list[tuple[str, ...]]:
    """The question whose mode is wrong, with honest confidence, on both sides of the boundary."""
    truth, found = np.array([right, wrong, 0.0]), []
    for ratio in _RATIOS:
        common = (1 - _THIRD) / (1 + ratio)
        share = np.array([ratio * common, common, _THIRD])
        votes = [fixed_confidence_accuracy(share, truth, truth, _MANY, vote) for vote in VOTE_RULES]
        name = f"honest, share {ratio:g} of the wrong one's, N = {_MANY}"
        found.append((name, *as_cells([float(share @ truth), *votes, 0.0])))
    return found


def _show(conditions: Conditions) -> SystemOutcome:
    without, size = conditions.without, int(conditions["samples"])
    lesson = _lesson(conditions)
    reward = COMPARED["binary" if without else "RLCR"]
    trained = lesson.runs(reward, runs=conditions.runs(150, 400), seed=conditions.seed)
    limit = lesson.mean_field(reward)
    along = [_exact(policy, lesson.truth, size) for policy in limit.policies]
    sampled = np.array(
        [
            sampled_accuracy(
                policy, lesson.truth, size, draws=_DRAWS, seed=conditions.seed, votes=("weighted",)
            )["weighted"].mean()
            for policy in trained.policies
        ]
    )
    grown = [_exact(limit.end, lesson.truth, n) for n in range(1, size + 1)]
    ratio = least_share_ratio("weighted", conditions["right"], conditions["wrong"])
    needed = (
        f"from a share of {ratio:.3f} times that of the strongest wrong answer"
        if ratio
        else "from any share"
    )
    return SystemOutcome(
        name="votes",
        without=without,
        findings=_findings(conditions, lesson, trained, limit),
        boundary=(
            "Confidence knows nothing of the answer: the weighted vote is a majority vote with"
            " noise, and the max-confidence vote a lottery that loses where the mode is right."
            if without
            else f"With honest confidence a large weighted vote finds the right answer {needed};"
            " a majority needs a larger share than that of the strongest wrong answer."
        ),
        head=("confidence", "one answer", *VOTE_RULES, "ECE"),
        rows=(
            *_rows(conditions),
            *_boundary_rows(conditions["right"], conditions["wrong"]),
        ),
        panels=(
            Panel(
                f"Votes of {size} answers",
                "Training step",
                "Accuracy",
                limit.steps.astype(np.float64),
                {vote: np.array([found[vote].mean() for found in along]) for vote in VOTE_RULES}
                | {"weighted, mean of runs": sampled},
            ),
            Panel(
                "After training",
                "Number of answers",
                "Accuracy",
                np.arange(1.0, size + 1),
                {vote: np.array([found[vote].mean() for found in grown]) for vote in VOTE_RULES},
            ),
        ),
        runs=conditions.runs(150, 400),
    )


VOTES = System(
    name="votes",
    story=(
        "Two questions, answered several times: the mode of the policy is right in one and wrong in"
        " the other. Confidence is stated by a free head that boasts alike of every answer, until a"
        " reward trains it. Honest confidence lets a weighted vote overrule the mode; the binary"
        " reward is flat in confidence and leaves the votes as they were. Where all tokens are"
        " trained, every reward spends the votes: the answers agree in the end."
    ),
    switch="the confidence tokens are trained with the binary reward, which is flat in q",
    source="Damani et al. 2025 (RLCR), arXiv 2507.16806 (confidence-weighted and max-confidence"
    " votes)",
    verdict=(
        "Agrees that votes by confidence help after RLCR: they help because confidence is honest"
        " for each answer; before training the max-confidence vote is worse than the majority where"
        " the mode is right."
    ),
    show=_show,
    knobs=(
        Knob("samples", 5, 2, 5, "the number of answers to a question N", whole=True),
        Knob("share", 0.25, 0.05, 0.4, "the share of the answer that is not the mode"),
        Knob("right", 0.7, 0.2, 0.95, "the success probability of the right answer"),
        Knob("wrong", 0.1, 0.0, 0.3, "the success probability of the strongest wrong answer"),
    ),
)
