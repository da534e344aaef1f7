"""Semantic entropy: how many meanings N answers have, beside what the policy states.

N answers to a question are sampled and grouped by meaning. With n_m answers of meaning m,

    H = - sum_m (n_m / N) log (n_m / N)

is the entropy over meanings; the entropy over wordings is larger wherever one meaning has several.
Each detects wrong answers if they have more entropy than correct ones:

    AUROC = P(H of a wrong answer > H of a correct one) + P(the same H) / 2

Entropy asks no truth. It works where a policy that errs wavers (confabulation) and fails where it
errs steadily (misconception). Every reward that trains the answers sharpens them: in the end all N
answers have one meaning, H = 0 for every question, and the AUROC is 1/2, although the hard question
is still answered wrongly. A stated confidence that a proper reward trains keeps the difference.

    >>> import numpy as np
    >>> sharp, wavering = np.array([0.98, 0.02]), np.array([0.5, 0.5])
    >>> share, p = np.stack([sharp, wavering]), np.array([[0.9, 0.1], [0.5, 0.4]])
    >>> round(auroc_of_entropy(share, p, 5), 3)  # who errs wavers
    0.719
    >>> round(auroc_of_entropy(share, p[:, ::-1], 5), 3)  # who errs is sure
    0.315
    >>> certain = np.array([[1.0, 0.0], [1.0, 0.0]])
    >>> auroc_of_entropy(certain, p, 5)  # nobody wavers
    0.5
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

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
from simulations.signals.groups import multisets
from simulations.signals.training import Trained

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

_GRID = np.arange(1, 10) / 10
_BOASTFUL = np.array([1, 1, 1, 1, 1, 2, 3, 5, 5]) / 20
"""How often each level is stated before training, whatever the answer."""
_MEANINGS = 3
_RATE = 0.25
_ROUND, _NEVER = 9, 1e-300
"""Decimals to which entropies are compared; the probability of what does not occur."""
_WORDINGS = (0.5, 0.3, 0.2)
"""How usual the wordings of a meaning are. They are not alike: of answers that are exactly alike
the mean field keeps all, while any noise makes one of them win, so that the mean of runs would be
far from it at every learning rate."""
_THIRD = 0.05
"""The share of the third meaning where an error is steady."""


@lru_cache(maxsize=32)
def _entropies(kinds: int, size: int) -> tuple[FloatArray, FloatArray]:
    """How often each kind occurs in each group of N, (n, K), and its orders by H, (n, J)."""
    members, orders = multisets(kinds, size)
    counts = (members[:, :, None] == np.arange(kinds)).sum(axis=1).astype(np.float64)
    part = counts / size
    entropy = -(part * np.log(np.where(part > 0, part, 1.0))).sum(axis=1)
    values, place = np.unique(entropy.round(_ROUND), return_inverse=True)
    return counts, orders[:, None] * np.eye(len(values))[place]


def entropy_law(share: FloatArray, size: int) -> FloatArray:
    """The probability of each value of H, in rising order, of N answers, (..., J).

    Args:
        share: the probability of each meaning, (..., M).
        size: N.

    Example:
        >>> entropy_law(np.array([0.5, 0.5]), 2).round(9).tolist()  # H = 0, H = log 2
        [0.5, 0.5]
    """
    counts, orders = _entropies(share.shape[-1], size)
    chance = np.exp(np.log(np.maximum(share, _NEVER)) @ counts.T)
    return np.asarray(chance @ orders)


def ranked_auroc(correct: FloatArray, wrong: FloatArray) -> FloatArray:
    """P(a correct answer is ranked before a wrong one), ties one half, (...).

    Args:
        correct: how often a correct answer has each value, the best value first, (..., J).
        wrong: the same for wrong answers.

    Example:
        >>> float(ranked_auroc(np.array([0.5, 0.0]), np.array([0.25, 0.25])))
        0.75
    """
    later = wrong[..., ::-1].cumsum(axis=-1)[..., ::-1] - wrong
    pairs = correct.sum(axis=-1) * wrong.sum(axis=-1)
    return np.asarray((correct * (later + wrong / 2)).sum(axis=-1) / pairs)


def auroc_of_entropy(share: FloatArray, truth: FloatArray, size: int) -> FloatArray | float:
    """AUROC of the entropy over N sampled meanings for one further answer, exactly.

    Args:
        share: the probability of each meaning, (..., Q, M).
        truth: P(correct) of each meaning, (Q, M).
        size: N.

    Example:
        >>> auroc_of_entropy(np.array([[1.0, 0.0]]), np.array([[0.5, 0.0]]), 3)
        0.5
    """
    law = entropy_law(share, size)  # (..., Q, J)
    p = (share * truth).sum(axis=-1)[..., None]
    found = ranked_auroc((law * p).sum(axis=-2), (law * (1 - p)).sum(axis=-2))
    return float(found) if found.ndim == 0 else found


def auroc_of_statement(policy: StatedPolicy, truth: FloatArray) -> FloatArray:
    """AUROC of the stated confidence of each run, exactly, (R,).

    Example:
        >>> head = np.array([[[[1.0, 0.0], [0.0, 1.0]]]])
        >>> policy = StatedPolicy(np.array([[[0.5, 0.5]]]), head, np.array([0.1, 0.9]))
        >>> auroc_of_statement(policy, np.array([[0.0, 1.0]])).tolist()
        [1.0]
    """
    stated, correct = policy.levels(truth)
    order = np.argsort(-policy.grid)
    return ranked_auroc(correct[:, order], (stated - correct)[:, order])


def by_meaning(share: FloatArray, wordings: int) -> FloatArray:
    """The probability of each meaning; its wordings stand side by side.

    Example:
        >>> by_meaning(np.array([0.1, 0.2, 0.3, 0.4]), 2).round(1).tolist()
        [0.3, 0.7]
    """
    return np.asarray(share.reshape(*share.shape[:-1], -1, wordings).sum(axis=-1))


def _lesson(conditions: Conditions, *, misconceived: bool) -> Lesson:
    """An easy question, a wavering one, and possibly one with a steady error.

    Each question has its meanings in another order. The share of a meaning is divided among its
    wordings: in the easy question, which has many ways to say the same, several are usual, and only
    one wording is used in the others.
    """
    easy, hard = conditions["easy"], conditions["hard"]
    rows = [(easy, easy), (hard, hard)]
    if misconceived:
        rows.append((1 - conditions["steady"], easy))
    wordings = int(conditions["wordings"])
    share = np.array([[s, *[(1 - s) / 2] * 2] for s, _ in rows])
    truth = np.array([[p, *[(1 - p) / 2] * 2] for _, p in rows])
    if misconceived:
        share[2] = [1 - conditions["steady"], conditions["steady"] - _THIRD, _THIRD]
    many = np.array(_WORDINGS[:wordings]) / sum(_WORDINGS[:wordings])
    one = np.full(wordings, 0.02 / max(wordings - 1, 1))
    one[0] = 1.0 if wordings == 1 else 0.98
    spread = [many, one, one][: len(rows)]
    words = np.stack([np.outer(s, w).ravel() for s, w in zip(share, spread, strict=True)])
    right = np.repeat(truth, wordings, axis=-1)
    for question in range(len(rows)):
        shift = question * wordings
        words[question], right[question] = (np.roll(x[question], shift) for x in (words, right))
    start = StatedPolicy(words[None], np.tile(_BOASTFUL, (1, *right.shape, 1)), _GRID)
    return Lesson(start, right, conditions.rate(_RATE), conditions.steps(1000, 2000))


def _detectors(policy: StatedPolicy, truth: FloatArray, conditions: Conditions) -> list[FloatArray]:
    """AUROC of the entropy over meanings, and of the statement, of each run, (R,) each."""
    size, wordings = int(conditions["samples"]), int(conditions["wordings"])
    shares = by_meaning(policy.answer, wordings)
    meaning = auroc_of_entropy(shares, truth[:, ::wordings], size)
    return [np.asarray(meaning), auroc_of_statement(policy, truth)]


@seedless
def _rows(conditions: Conditions) -> list[tuple[str, ...]]:
    rows = []
    for misconceived in (False, True):
        lesson = _lesson(conditions, misconceived=misconceived)
        world = "with a steady error" if misconceived else "who errs wavers"
        ends = {name: lesson.mean_field(reward).end for name, reward in COMPARED.items()}
        for name, policy in {"before training": lesson.start, **ends}.items():
            meanings, stated = _detectors(policy, lesson.truth, conditions)
            size = int(conditions["samples"])
            wordings = auroc_of_entropy(policy.answer[0], lesson.truth, size)
            found = [float(meanings[0]), float(wordings), float(stated[0])]
            accuracy = float(policy.accuracy(lesson.truth)[0])
            rows.append((world, name, *as_cells([accuracy, *found])))
    return rows


def _findings(
    conditions: Conditions, lesson: Lesson, trained: Trained, limit: Trained
) -> tuple[Finding, ...]:
    of = 1 if conditions.without else 0
    what = "stated confidence, RLCR" if conditions.without else "entropy over meanings, binary"
    before, after, exact = (
        _detectors(policy, lesson.truth, conditions)
        for policy in (lesson.start, trained.end, limit.end)
    )
    bias = 0.1 * lesson.learning_rate
    changed, error = mean_and_error(after[of] - before[of])
    size, wordings = int(conditions["samples"]), int(conditions["wordings"])
    agree = [
        entropy_law(by_meaning(policy.answer, wordings), size)[..., 0].mean(axis=-1)
        for policy in (trained.end, limit.end)
    ]
    return (
        Finding(
            f"change of AUROC by training, {what}",
            changed,
            error,
            float(exact[of][0] - before[of][0]),
            bias,
        ),
        Finding(
            f"AUROC after training, {what}", *mean_and_error(after[of]), float(exact[of][0]), bias
        ),
        Finding(
            f"P(all {size} answers have one meaning) after training",
            *mean_and_error(agree[0]),
            float(agree[1][0]),
            bias,
        ),
    )


def steady_boundary(easy: float, hard: float) -> float:
    """The share of a wrong meaning from which entropy prefers a steady error to a wavering answer.

    Of two questions, the one with less entropy is ranked as the more reliable one, so that the
    AUROC is 1/2 where both have the same accuracy. A question of three meanings is answered with
    probabilities h, (1 - h)/2, (1 - h)/2, which are right as often: its accuracy is
    a = h^2 + (1 - h)^2 / 2. In the other one a wrong meaning has the share s; the right meaning is
    right with probability e, each other one with (1 - e)/2:

        e (1 - s) + s (1 - e)/2 = a

    Args:
        easy: e.
        hard: h.

    Example:
        >>> round(steady_boundary(0.9, 0.5), 3)
        0.618
    """
    wavering = hard**2 + (1 - hard) ** 2 / 2
    return (easy - wavering) / (easy - (1 - easy) / 2)


def _pair(conditions: Conditions, steady: float) -> tuple[FloatArray, FloatArray]:
    """The wavering question and one whose wrong meanings have the share `steady`, most on one."""
    easy, hard = conditions["easy"], conditions["hard"]
    p = [[x, (1 - x) / 2, (1 - x) / 2] for x in (hard, easy)]
    return np.array([p[0], [1 - steady, steady - _THIRD, _THIRD]]), np.array(p)


def _boundary_rows(conditions: Conditions) -> list[tuple[str, ...]]:
    edge, rows = steady_boundary(conditions["easy"], conditions["hard"]), []
    for steady in (edge - 0.1, edge, (1 + edge) / 2, 0.95):
        share, truth = _pair(conditions, float(np.clip(steady, _THIRD, 1)))
        found = auroc_of_entropy(share, truth, int(conditions["samples"]))
        accuracy = float((share * truth).sum(axis=-1).mean())
        name = f"wavering, and wrong meaning at {steady:.3f}"
        rows.append((name, "before training", *as_cells([accuracy, float(found)]), "", ""))
    return rows


def _panels(
    conditions: Conditions, lesson: Lesson, trained: Trained, limit: Trained
) -> tuple[Panel, ...]:
    curves: dict[str, FloatArray] = {}
    for name, path in (("mean of runs", trained), ("exact", limit)):
        found = [_detectors(policy, lesson.truth, conditions) for policy in path.policies]
        for of, detector in ((0, "meanings"), (1, "stated")):
            curves[f"{detector}, {name}"] = np.array([one[of].mean() for one in found])
    sizes, wordings = np.arange(2, 11), int(conditions["wordings"])
    by_size = {
        name: np.array(
            [
                np.mean(
                    auroc_of_entropy(
                        by_meaning(policy.answer, wordings), lesson.truth[:, ::wordings], int(size)
                    )
                )
                for size in sizes
            ]
        )
        for name, policy in (("before training", lesson.start), ("after", limit.end))
    }
    x = limit.steps.astype(np.float64)
    return (
        Panel("Detection of wrong answers", "Training step", "AUROC", x, curves),
        Panel(
            "Entropy over meanings",
            "Number of answers",
            "AUROC",
            sizes.astype(np.float64),
            by_size,
        ),
    )


def _show(conditions: Conditions) -> SystemOutcome:
    without = conditions.without
    lesson = _lesson(conditions, misconceived=False)
    reward = COMPARED["RLCR" if without else "binary"]
    runs = conditions.runs(200, 400)
    trained = lesson.runs(reward, runs=runs, seed=conditions.seed)
    limit = lesson.mean_field(reward)
    edge = steady_boundary(conditions["easy"], conditions["hard"])
    return SystemOutcome(
        name="semantic-entropy",
        without=without,
        findings=_findings(conditions, lesson, trained, limit),
        boundary=(
            "A stated confidence that is trained on the truth needs no disagreement of samples; its"
            " AUROC rises while that of entropy falls."
            if without
            else "Entropy detects errors while who errs wavers: beside the wavering question it is"
            f" worse than chance once a wrong meaning has a share above {edge:.3f}; and training"
            " that sharpens answers brings it to 1/2."
        ),
        head=("questions", "trained with", "accuracy", "AUROC: meanings", "wordings", "stated"),
        rows=(*_rows(conditions), *_boundary_rows(conditions)),
        panels=_panels(conditions, lesson, trained, limit),
        runs=runs,
    )


SEMANTIC_ENTROPY = System(
    name="semantic-entropy",
    story=(
        "Several answers to a question are grouped by meaning; the entropy over meanings detects"
        " wrong answers without any truth. Before training it works where a policy that errs"
        " wavers, and better than the entropy over wordings; it fails for steady errors. The binary"
        " reward sharpens the answers (the mechanism of entropy collapse), all samples agree, and"
        " entropy detects nothing. The confidence that RLCR trains detects what is left."
    ),
    switch="the detector is the stated confidence, trained with RLCR",
    source="Farquhar et al. 2024 (semantic entropy), Nature 630; Damani et al. 2025 (RLCR),"
    " arXiv 2507.16806",
    verdict=(
        "Agrees that entropy over meanings detects confabulations and not errors that are"
        " systematic, as the paper says; that training the answers with any reward takes the"
        " detector away is a statement of this laboratory."
    ),
    show=_show,
    knobs=(
        Knob("samples", 5, 2, 10, "the number of answers sampled N", whole=True),
        Knob("wordings", 3, 1, 3, "the number of wordings of a meaning", whole=True),
        Knob("easy", 0.9, 0.6, 0.98, "the success probability of the easy question"),
        Knob("hard", 0.5, 0.36, 0.98, "the success probability of the question that wavers"),
        Knob("steady", 0.85, 0.5, 0.94, "the share of the wrong meaning of a steady error"),
    ),
)
