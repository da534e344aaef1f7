"""What honesty costs in training time: the slope of V is the speed at which answers improve.

A policy that states its true success probability earns V(p) with an answer, so policy gradient
moves from an answer with success probability b to one with a > b in proportion to V(a) - V(b). With
K answers, the right one with share x and all others alike, the expected update at learning rate eta
is, for small steps,

    dx/dt = eta (V(a) - V(b)) x^2 (1 - x)^2 K / (K - 1)

so that the number of steps to a given share is inversely proportional to V(a) - V(b). The binary
reward has V(p) = p; RLCR has V(p) = p^2 and learns a hard question a + b times as fast: between
neighbouring answers V'(p) = 2p, which is below 1 for p < 1/2. A reward with accuracy margin m and
threshold density w has

    V'(p) = m + (integral of w from 0 to p),    slower than the binary reward where V'(p) < 1,

for a constant density k at p < (1 - m) / k. 2c - (q - c)^2 has m = 1, k = 2 and V'(p) = 1 + 2p: at
equal learning rates it is nowhere slower, and strictly proper. It also has three times the range.
At an equal range r = m + k the binary reward learns fastest: V'(p) / r = (m + k p) / (m + k) is
at most 1, and the difference is the share of thresholds above p, the incentive for calibration.

    >>> slow_below(0.0, 2.0), slow_below(1.0, 2.0), slow_below(0.5, 1.0)
    (0.5, 0.0, 0.5)
    >>> from scoring_theory.catalogue import binary, rlcr
    >>> extended = mixture(1.0, 2.0)  # 2c - (q - c)^2
    >>> [round(relative_speed(reward, 0.2), 3) for reward in (binary, rlcr, extended)]
    [1.0, 0.2, 1.2]
    >>> [round(relative_speed(reward, 0.2, same_range=True), 3) for reward in (rlcr, extended)]
    [0.1, 0.4]
    >>> [round(steps_to(0.5, from_share=0.25, answers=4, gain=gain)) for gain in (0.2, 0.04)]
    [18, 91]

All this is about truthful confidence. While confidence is spread evenly, V is not yet earned: f - g
averages m + k / 2 over the levels, whatever p is, and RLCR learns answers as fast as the binary
reward. So the cost appears where confidence is learned faster than answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.catalogue import binary, rlcr
from scoring_theory.reward import Reward
from simulations.laboratory.rewarded import GROUP_SIZE
from simulations.laboratory.speed_frontier import (
    ANSWERS,
    QUICKNESS,
    RATE,
    SIMULATED_MARGINS,
    TRAINING_STEPS,
    SeveralRewards,
    frontier,
    mixture,
)
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

if TYPE_CHECKING:
    from simulations.signals.training import Trained

_HARD = 2
"""The number of the hard question."""
_DENSITIES = (0.0, 1.0, 2.0, 4.0)
"""The threshold densities whose accuracy is drawn over the margin."""


def slow_below(margin: float, density: float) -> float:
    """The success probability below which V'(p) = m + k p is less than 1, the binary slope.

    Args:
        margin: the accuracy margin m, not negative.
        density: the threshold density k, the same everywhere.

    Returns:
        (1 - m) / k within [0, 1]; 0 if the reward is nowhere slower, 1 if it is slower everywhere.

    Example:
        >>> slow_below(0.25, 1.0), slow_below(0.25, 0.0)
        (0.75, 1.0)
    """
    if margin >= 1:
        return 0.0
    return min(1.0, (1 - margin) / density) if density > 0 else 1.0


def relative_speed(
    reward: Reward, better: float, worse: float = 0.0, *, same_range: bool = False
) -> float:
    """How fast training moves to the better of two answers, relative to the binary reward.

        (V(a) - V(b)) / (a - b),    at the same range divided by R(1, 1) - R(1, 0)

    Args:
        reward: a proper reward.
        better: the success probability a of the better answer.
        worse: that of the other answers, b < a.
        same_range: whether both rewards are scaled to the same range, and not compared at the
            same learning rate as they are.

    Raises:
        ValueError: a is not above b.

    Example:
        >>> from scoring_theory.catalogue import rlcr
        >>> relative_speed(rlcr, 0.5, 0.25)
        0.75
    """
    if not better > worse:
        raise ValueError(f"`better` must be above `worse`, got {better} and {worse}")
    low, high = reward.value([worse, better])
    spread = reward_range(reward) if same_range else 1.0
    return float((high - low) / (better - worse) / spread)


def reward_range(reward: Reward) -> float:
    """The range of a safe reward, R(1, 1) - R(1, 0), the total mass of its thresholds.

    Example:
        >>> from scoring_theory.catalogue import rlcr
        >>> reward_range(rlcr)
        2.0
    """
    return float(reward.payoff(1.0, 1) - reward.payoff(1.0, 0))


def steps_to(
    share: float,
    *,
    from_share: float,
    answers: int,
    gain: float,
    rate: float = 1.0,
) -> float:
    """The steps until the right answer has a share, along the mean field, for small steps.

        T = (1 - 1/K) (L(x) - L(x_0)) / (eta (V(a) - V(b))),
        L(x) = 2 log(x / (1 - x)) + 1 / (1 - x) - 1 / x

    since dT/dx is proportional to 1 / (x^2 (1 - x)^2), whose integral is L.

    Args:
        share: x, the share to be reached, in (0, 1).
        from_share: x_0; the other answers have equal shares.
        answers: K.
        gain: V(a) - V(b), what the right answer earns more in expectation.
        rate: eta, the learning rate times the factor of the baseline.

    Example:
        >>> round(steps_to(0.5, from_share=0.25, answers=4, gain=1.0, rate=0.1), 1)
        36.5
    """
    rise = _antiderivative(share) - _antiderivative(from_share)
    return (1 - 1 / answers) * rise / (rate * gain)


def _antiderivative(x: float) -> float:
    return 2 * log(x / (1 - x)) + 1 / (1 - x) - 1 / x


def _rewards(conditions: Conditions) -> tuple[tuple[str, Reward], ...]:
    m, k = conditions["margin"], conditions["density"]
    designed = "2c - (q - c)^2" if (m, k) == (1, 2) else f"m = {m:g}, k = {k:g}"
    return (
        ("binary", binary),
        ("RLCR", rlcr),
        (designed, mixture(m, k)),
        ("binary, range 1", binary),
        ("RLCR, range 1", mixture(0, 1)),
        (f"{designed}, range 1", mixture(m / (m + k), k / (m + k))),
    )


def _best(conditions: Conditions) -> list[float]:
    return [conditions[name] for name in ("easy", "middle", "hard")]


def _several(conditions: Conditions) -> SeveralRewards:
    return SeveralRewards.of(
        [reward for _, reward in _rewards(conditions)],
        _best(conditions),
        quickness=conditions["quickness"],
        separate=conditions.without,
    )


@seedless
def _limit(conditions: Conditions) -> Trained:
    steps = conditions.steps(TRAINING_STEPS, TRAINING_STEPS)
    return _several(conditions).mean_field(rate=conditions.rate(RATE), steps=steps)


def _findings(
    several: SeveralRewards, trained: Trained, limit: Trained, rate: float
) -> list[Finding]:
    accuracy, exact = several.accuracy(trained.end), several.accuracy(limit.end)[0]
    lies, exact_lies = several.distance(trained.end), several.distance(limit.end)[0]
    made = [
        Finding(
            f"accuracy of {name} minus binary, {compared}",
            *mean_and_error(accuracy[:, at] - accuracy[:, beside]),
            float(exact[at] - exact[beside]),
            0.02 * rate,
        )
        for name, compared, at, beside in (
            ("RLCR", "same learning rate", 1, 0),
            ("the mixture", "same learning rate", 2, 0),
            ("RLCR", "same range", 4, 3),
            ("the mixture", "same range", 5, 3),
        )
    ]
    made += [
        Finding(
            f"(q - p)^2 after training, {name}",
            *mean_and_error(lies[:, at]),
            float(exact_lies[at]),
            0.25 * rate,
            beside=float(exact_lies[0]),  # a binary reward leaves confidence as it is
        )
        for name, at in (("binary", 0), ("the mixture", 2))
    ]
    return made


@seedless
def _rows(conditions: Conditions) -> list[tuple[str, ...]]:
    named, several, limit = _rewards(conditions), _several(conditions), _limit(conditions)
    rate, steps, half = conditions.rate(RATE), limit.steps[-1], len(named) // 2
    first = [reward for _, reward in named[:half]]
    slow = SeveralRewards.of(first, _best(conditions), quickness=1.0, separate=several.separate)
    alike = slow.mean_field(rate=rate, steps=int(steps)).end
    settings = (
        (f"same rate, confidence x {several.quickness:g}", several, limit.end, range(half)),
        (
            f"same range, confidence x {several.quickness:g}",
            several,
            limit.end,
            range(half, 2 * half),
        ),
        ("same rate, confidence x 1", slow, alike, range(half)),
    )
    rows = []
    for setting, of, end, places in settings:
        accuracy, errors = of.accuracy(end)[0], of.calibration_error(end)[0]
        shares = of.share(end, _HARD)[0]
        for i in places:
            slopes = as_cells([float(named[i][1].value_slope(p)) for p in (0.1, 0.5)], 2)
            wait = f"{_wait(conditions, named[i][1]):.0f}" if of is several else ""
            numbers = as_cells([accuracy[i], errors[i], shares[i]])
            rows.append((setting, named[i % half][0], *slopes, *numbers, wait))
    return rows


def _wait(conditions: Conditions, reward: Reward) -> float:
    """The steps until the right answer to the hard question has the share 1/2."""
    hard, eta = conditions["hard"], conditions.rate(RATE) * (1 - 1 / GROUP_SIZE)
    gain = hard if conditions.without else float(np.diff(reward.value([0.0, hard]))[0])
    return steps_to(0.5, from_share=1 / ANSWERS, answers=ANSWERS, gain=gain, rate=eta)


def _panels(
    conditions: Conditions,
    named: Sequence[tuple[str, Reward]],
    several: SeveralRewards,
    trained: Trained,
    limit: Trained,
) -> tuple[Panel, ...]:
    half, x = len(named) // 2, trained.steps.astype(np.float64)
    exact = np.array([several.accuracy(policy)[0] for policy in limit.policies])
    runs = np.array([several.accuracy(policy) for policy in trained.policies])
    count = runs.shape[1]
    spread = runs.std(axis=1, ddof=1) if count > 1 else np.zeros_like(runs[:, 0])
    mean, error = runs.mean(axis=1), spread / count**0.5
    panels = []
    for title, first in (("Same learning rate", 0), ("Same range", half)):
        names = [named[i][0] for i in range(half)]
        panels.append(
            Panel(
                title,
                "Training step",
                "Accuracy",
                x,
                {name: exact[:, first + i] for i, name in enumerate(names)},
                points={
                    name: (x, mean[:, first + i], 2 * error[:, first + i])
                    for i, name in enumerate(names)
                },
            )
        )
    found = frontier(
        np.linspace(0, 2, 17).tolist(),
        _DENSITIES,
        best=_best(conditions),
        quickness=conditions["quickness"],
        steps=conditions.steps(TRAINING_STEPS, TRAINING_STEPS),
        rate=conditions.rate(RATE),
        simulated=[(m, k) for k in _DENSITIES for m in SIMULATED_MARGINS if m + k > 0],
        runs=conditions.runs(16, 64),
        separate=conditions.without,
        seed=conditions.seed,
    )
    labels = {k: f"threshold density {k:g}" for k in _DENSITIES}
    of = {k: found.simulated[found.simulated[:, 1] == k] for k in _DENSITIES}
    panels.append(
        Panel(
            f"After {found.steps} steps",
            "Accuracy margin $m$",
            "Accuracy",
            found.margins,
            {labels[k]: found.accuracy[i] for i, k in enumerate(_DENSITIES)},
            points={labels[k]: (of[k][:, 0], of[k][:, 2], 2 * of[k][:, 3]) for k in _DENSITIES},
        )
    )
    return tuple(panels)


def _show(conditions: Conditions) -> SystemOutcome:
    named, rate = _rewards(conditions), conditions.rate(RATE)
    runs, steps = conditions.runs(64, 400), conditions.steps(TRAINING_STEPS, TRAINING_STEPS)
    several = _several(conditions)
    trained = several.runs(runs=runs, rate=rate, steps=steps, seed=conditions.seed)
    limit = _limit(conditions)
    m, k = conditions["margin"], conditions["density"]
    edge = slow_below(m, k)
    where = "everywhere" if edge >= 1 else f"for p below {edge:.3f}" if edge else "nowhere"
    return SystemOutcome(
        name="learning-speed",
        without=conditions.without,
        findings=tuple(_findings(several, trained, limit, rate)),
        boundary=(
            "Answers are paid for correctness alone, and all rewards teach them at the same speed."
            if conditions.without
            else "At the same learning rate a reward learns more slowly than the binary one where"
            f" V'(p) = m + k p < 1: RLCR for p below {slow_below(0, 2):g}, the mixture with"
            f" m = {m:g} and k = {k:g} {where}. At the same range every reward of calibrated"
            " confidence does, wherever thresholds lie above p."
        ),
        head=("compared at", "reward", "V'(.1)", "V'(.5)", "accuracy", "ECE", "hard", "steps"),
        rows=tuple(_rows(conditions)),
        panels=_panels(conditions, named, several, trained, limit),
        runs=runs,
    )


LEARNING_SPEED = System(
    name="learning-speed",
    story=(
        "Three questions, easy, middle and hard, are trained with the binary reward, RLCR, and a"
        " mixture m c + k (c q - q^2/2), by default 2c - (q - c)^2. Confidence is learned 20 times"
        " as fast as answers, as it would be where questions share it. A truthful answer earns"
        " V(p), so answers improve at the speed V'(p): RLCR trails the binary reward on hard"
        " questions, where V'(p) = 2p is small; the mixture, V'(p) = 1 + 2p, does not, and is as"
        " calibrated. Where confidence is learned no faster than answers, it is not yet truthful"
        " while they improve, and nothing is lost. `hard` is the share of the right answer to the"
        " hard question, `steps` how long truthful confidence needs to bring it to 1/2, in closed"
        " form."
    ),
    switch=(
        "the answers are paid for correctness alone, and only the confidence for the reward"
        " (separate credit)"
    ),
    source="Damani et al. 2025 (RLCR), arXiv 2507.16806, accuracy of RLCR beside RLVR;"
    " docs/theory.md, Theorem 55",
    verdict=(
        "Agrees that RLCR ends as accurate as the binary reward: V rises, so the best answers win"
        " in the end. At equal steps it trails on hard questions, which the paper does not"
        " separate from the final accuracy."
    ),
    show=_show,
    knobs=(
        Knob("margin", 1.0, 0.0, 4.0, "the accuracy margin m of the mixture"),
        Knob("density", 2.0, 0.1, 8.0, "its threshold density k, the same everywhere"),
        Knob("quickness", QUICKNESS, 1.0, 100.0, "how many times as fast confidence is learned"),
        Knob("easy", 0.8, 0.05, 0.98, "the success probability of the easy question"),
        Knob("middle", 0.4, 0.05, 0.98, "the success probability of the middle question"),
        Knob("hard", 0.2, 0.05, 0.98, "the success probability of the hard question"),
    ),
)
