"""Reward-model ensembles (BRME): a nominal head, a worst case, and two meanings of the minimum.

J reward heads are fitted once to finite data. Each starts at a random value of its own (standard
deviation 1) and sees a random half of the scores of the responses that the policy before training
gave; the fit is the Gaussian posterior, so that each head reports a mean and a standard deviation:

    mean_j = (m_j + S_j) / (1 + n_j),    std_j = 1 / sqrt(1 + n_j)

for n_j scores with the sum S_j. Rare responses have few scores, so that the heads err there, and
training on one head finds these errors. The objective of the paper is

    alpha E r_nominal + (1 - alpha) min_j E r_j - beta KL(pi, pi_0),

where the nominal reward of a response is that of the head with the smallest standard deviation.
The minimum of *expectations* over heads is not the minimum of each rollout. By the minimax theorem
it is the reward of one mixture sum_j w_j r_j of the heads, the same for all responses: it averages
their errors, and does not avoid a response because they disagree about it. The minimum of each
rollout does: a response without data is preferred to a known one of reward 0 only if all J heads
start above 0, with a chance of 2^-J, against 1/2 for one head. The heads (1, 0) and (0, 1) tell
the two apart: one is largest at pi = 1/2, the other is 0 for every policy. Hahami et al. have the
closed form -beta log mean_j exp(-r_j / beta), between the mean (large beta) and the minimum of
each rollout (small beta).

    >>> import numpy as np
    >>> heads, half = np.array([[[1.0, 0.0]], [[0.0, 1.0]]]), np.full((1, 2), 0.5)
    >>> worst_policy(half, heads, nominal=np.zeros((1, 2)), alpha=0.0, beta=0.1).round(3).tolist()
    [[0.5, 0.5]]
    >>> effective_reward(heads, beta=1.0, pessimistic=True).round(3).tolist()
    [[0.38, 0.38]]
    >>> heads.min(axis=0).tolist()
    [[0.0, 0.0]]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulations.laboratory.reward_heads import (
    RewardHeads,
    effective_reward,
    penalised_optimum,
    scored_heads,
    worst_policy,
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
    plus_minus,
    seedless,
    signed,
)
from simulations.policies import StatedPolicy
from simulations.signals.groups import Groups
from simulations.signals.training import mean_field, train

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

_PROMPTS, _RESPONSES, _GROUP = 8, 8, 8
_RATE, _TWO_RATE = 1.0, 0.2
_BIAS = 0.05
"""How far a finite step moves the mean, in units of the learning rate."""
_DECAY = 0.7
"""Each response is so much rarer than the one before it."""
_WORLDS = (1.0, 0.0, -1.0)
_START = 0.8
_FARTHEST = 5.0
_FINER = 20
"""The mean field of a minimum jumps around its kink by one step, so that steps are smaller."""


def frozen_responses() -> FloatArray:
    """The policy before training for 8 prompts and 8 responses, (Q, K).

    Which response is rare changes from prompt to prompt.
    """
    ladder = np.power(_DECAY, np.arange(_RESPONSES))
    return np.array([np.roll(ladder / ladder.sum(), x) for x in range(_PROMPTS)])


def _lowest_head(answer: FloatArray, heads: FloatArray) -> FloatArray:
    """The rewards of the head with the smallest expectation over all prompts, (D, Q, K).

    Heads with equal expectations share, as in the middle of the subgradients.
    """
    earned = (answer * heads).sum(axis=-1).mean(axis=-1)
    lowest = earned - earned.min(axis=0) <= 1e-12
    part = lowest / lowest.sum(axis=0)
    return np.asarray((part[..., None, None] * heads).sum(axis=0))


@dataclass(frozen=True)
class _Task:
    """Training on a reward that may depend on the policy, for D data sets at once.

    Attributes:
        frozen: the policy before training, (Q, K).
        data_sets: D, the number of runs.
        paid: from the probabilities of responses, (D, Q, K), to their rewards.
        rate: the learning rate.
        steps: the number of steps.
        kl: the coefficient of the KL penalty.
        seed: the seed.
        alike: whether all data sets are the same, so that one mean field does for all.
    """

    frozen: FloatArray
    data_sets: int
    paid: Callable[[FloatArray], FloatArray]
    rate: float
    steps: int
    kl: float
    seed: int
    alike: bool = False

    def trained(self) -> tuple[FloatArray, FloatArray]:
        """Steps, and the probabilities of responses in runs, (T, D, Q, K)."""

        def signal(groups: Groups) -> FloatArray:
            rewards = self.paid(groups.policy.answer)
            return np.take_along_axis(rewards, groups.answers, axis=-1)

        runs = train(
            self._start(1),
            np.zeros_like(self.frozen),
            signal,
            runs=self.data_sets,
            group_size=_GROUP,
            learning_rate=self.rate,
            steps=self.steps,
            kl=self.kl,
            seed=self.seed,
        )
        return runs.steps.astype(np.float64), np.array([one.answer for one in runs.policies])

    def limit(self) -> FloatArray:
        """The probabilities of responses in the mean field, (T, D, Q, K)."""
        copies, finer = (1, _FINER) if self.alike else (self.data_sets, 1)
        shape = (copies, *self.frozen.shape)

        def expected(policy: StatedPolicy) -> FloatArray:
            return self.paid(policy.answer.reshape(shape)).reshape(policy.answer.shape)[..., None]

        limit = mean_field(
            self._start(copies),
            expected,
            learning_rate=self.rate / finer,
            steps=self.steps * finer,
            shrink=1 - 1 / _GROUP,
            kl=self.kl,
        )
        answers = np.array([policy.answer for policy in limit.policies])
        return answers.reshape(len(answers), *shape)

    def _start(self, copies: int) -> StatedPolicy:
        shares = np.tile(self.frozen, (copies, 1))[None]
        return StatedPolicy(shares, np.ones((*shares.shape, 1)), np.array([1.0]))


def _mean_under(answer: FloatArray, rewards: FloatArray) -> FloatArray:
    """The expected reward of each data set, the mean over prompts, (T, D)."""
    return np.asarray((answer * rewards).sum(axis=-1).mean(axis=-1))


def _objective(heads: RewardHeads, alpha: float) -> Callable[[FloatArray], FloatArray]:
    def paid(answer: FloatArray) -> FloatArray:
        if alpha == 1:
            return heads.nominal
        return alpha * heads.nominal + (1 - alpha) * _lowest_head(answer, heads.means)

    return paid


def _task(
    conditions: Conditions,
    frozen: FloatArray,
    data_sets: int,
    paid: Callable[[FloatArray], FloatArray],
    *,
    rate: float = _RATE,
    alike: bool = False,
) -> _Task:
    return _Task(
        frozen=frozen,
        data_sets=data_sets,
        paid=paid,
        rate=conditions.rate(rate),
        steps=conditions.steps(400, 800),
        kl=conditions["beta"],
        seed=conditions.seed,
        alike=alike,
    )


def _two_heads(conditions: Conditions) -> _Task:
    """One prompt, two responses: heads (1, 0) and (0, 1), or the first of them alone."""
    heads = np.eye(2)[:, None, None]
    if conditions.without:
        heads = heads[:1]
    data_sets = conditions.runs(200, 400)
    start = np.array([[_START, 1 - _START]])

    def paid(answer: FloatArray) -> FloatArray:
        every = np.broadcast_to(heads, (len(heads), *answer.shape))
        return _lowest_head(answer, every)

    return _task(conditions, start, data_sets, paid, rate=_TWO_RATE, alike=True)


@seedless
def _two_heads_limit(conditions: Conditions) -> FloatArray:
    return _two_heads(conditions).limit()


def _draw(conditions: Conditions, data_sets: int, *, seed: int, **changed: float) -> RewardHeads:
    return scored_heads(
        frozen_responses(),
        data_sets=data_sets,
        heads=int(conditions["heads"]),
        scores=int(conditions["scores"]),
        rare=changed.get("rare", conditions["rare"]),
        shared=changed.get("shared", 0.0),
        rng=np.random.default_rng(np.random.SeedSequence([seed, 1])),
    )


def _rules(heads: RewardHeads, conditions: Conditions) -> Mapping[str, FloatArray]:
    """The optimum under each way to combine the heads, (D, Q, K); one way without them."""
    frozen, nominal = frozen_responses(), heads.nominal
    alpha, beta = conditions["alpha"], conditions["beta"]

    def expectation(weight: float) -> FloatArray:
        return worst_policy(frozen, heads.means, nominal=nominal, alpha=weight, beta=beta)

    one = {"nominal head": penalised_optimum(frozen, nominal, beta=beta)}
    if conditions.without:
        return one
    rewards = {
        f"{alpha:g} nominal + {1 - alpha:g} minimum of each rollout": heads.mixture(alpha),
        "minimum of each rollout": heads.mixture(0.0),
        "-beta log mean exp(-r / beta)": effective_reward(heads.means, beta=beta, pessimistic=True),
        "beta log mean exp(r / beta)": effective_reward(heads.means, beta=beta, pessimistic=False),
        "true reward": heads.true,
    }
    return {
        **one,
        "mean of the heads": penalised_optimum(frozen, heads.means.mean(axis=0), beta=beta),
        f"{alpha:g} nominal + {1 - alpha:g} minimum of expectations": expectation(alpha),
        "minimum of expectations": expectation(0.0),
        **{name: penalised_optimum(frozen, reward, beta=beta) for name, reward in rewards.items()},
    }


def _world(rare: float) -> str:
    """The heading of a world whose rarest response is so much worse on average."""
    if rare == 0:
        return "rare responses as good"
    return f"rare responses {abs(rare):g} {'worse' if rare > 0 else 'better'}"


def _rows(conditions: Conditions) -> tuple[tuple[str, ...], ...]:
    """The true reward gained at the optimum of each rule, the mean over data sets."""
    rare = conditions["rare"]
    worlds: list[dict[str, float]] = [{"rare": factor * rare} for factor in _WORLDS]
    gained: dict[str, list[float]] = {}
    frozen, data_sets = frozen_responses(), conditions.runs(200, 1000)
    for changed in (*worlds, {"shared": conditions["shared"]}):
        heads = _draw(conditions, data_sets, seed=conditions.seed, **changed)
        before = _mean_under(frozen, heads.true).mean()
        for name, policy in _rules(heads, conditions).items():
            gained.setdefault(name, []).append(
                float(_mean_under(policy, heads.true).mean() - before)
            )
    return tuple((name, *as_cells(values)) for name, values in gained.items())


def _show(conditions: Conditions) -> SystemOutcome:
    data_sets, without = conditions.runs(100, 300), conditions.without
    rate, alpha = conditions.rate(_RATE), 1.0 if without else conditions["alpha"]
    frozen = frozen_responses()
    heads = _draw(conditions, data_sets, seed=conditions.seed)
    task = _task(conditions, frozen, data_sets, _objective(heads, alpha))
    (steps, runs), limit = task.trained(), task.limit()
    gain, gain_exact = (_gained(answer, heads.true) for answer in (runs, limit))
    seen, seen_exact = (_gained(answer, heads.nominal) for answer in (runs, limit))
    over, over_exact = seen[-1] - gain[-1], seen_exact[-1] - gain_exact[-1]
    which = "nominal head" if without else "minimum of expectations"
    findings = [
        _paired(f"change of the true reward, {which}", gain[-1], gain_exact[-1], rate),
        _paired(f"rise that only the nominal head sees, {which}", over, over_exact, rate),
    ]
    if not without:
        mixture = heads.mixture(alpha)
        task = _task(conditions, frozen, data_sets, lambda _: mixture)
        end, exact_end = (
            _gained(answer, heads.true)[-1] for answer in (task.trained()[1], task.limit())
        )
        label = "change of the true reward, minimum of each rollout"
        findings.append(_paired(label, end, exact_end, rate))
    two_steps, two = _two_heads(conditions).trained()
    two_exact = _two_heads_limit(conditions)
    share, share_exact = two[:, :, 0, 0], two_exact[:, 0, 0, 0]
    moved, exact = share[-1] - _START, np.full(len(share[-1]), share_exact[-1] - _START)
    which = "head (1, 0)" if without else "minimum of expectations of (1, 0) and (0, 1)"
    label = f"change of the first response's share, {which}"
    findings.append(_paired(label, moved, exact, conditions.rate(_TWO_RATE)))
    return SystemOutcome(
        name="brme",
        without=without,
        findings=tuple(findings),
        boundary=_boundary(conditions, gain_exact[-1]),
        head=(
            "true reward gained at the optimum",
            *(
                f"world {n}, {_world(factor * conditions['rare'])}"
                for n, factor in enumerate(_WORLDS, 1)
            ),
            f"world 1, shared error {conditions['shared']:g}",
        ),
        rows=_rows(conditions),
        panels=(
            Panel(
                "8 prompts, 8 responses",
                "Training step",
                "Change of the reward",
                steps,
                {
                    "true, mean of runs": gain.mean(axis=1),
                    "true, exact": gain_exact.mean(axis=1),
                    "nominal head, mean of runs": seen.mean(axis=1),
                    "nominal head, exact": seen_exact.mean(axis=1),
                },
            ),
            Panel(
                "Heads (1, 0) and (0, 1)",
                "Training step",
                "Share of the first response",
                two_steps,
                {"mean of runs": share.mean(axis=1), "exact": share_exact},
            ),
        ),
        runs=data_sets,
    )


def _paired(label: str, measured: FloatArray, exact: FloatArray, rate: float) -> Finding:
    """A finding over data sets; its standard error is that of training, given the data sets."""
    _, error = mean_and_error(measured - exact)
    return Finding(label, float(measured.mean()), error, float(exact.mean()), _BIAS * rate)


def _gained(answer: FloatArray, rewards: FloatArray) -> FloatArray:
    """The change of the expected reward since the start, (T, D)."""
    found = _mean_under(answer, rewards)
    return np.asarray(found - found[0])


def _lead(conditions: Conditions, rare: float) -> float:
    """How much more the mixture gains than the nominal head, at the optimum."""
    frozen, beta = frozen_responses(), conditions["beta"]
    heads = _draw(conditions, conditions.runs(200, 1000), seed=conditions.seed, rare=rare)
    robust, plain = (
        _mean_under(penalised_optimum(frozen, paid, beta=beta), heads.true).mean()
        for paid in (heads.mixture(conditions["alpha"]), heads.nominal)
    )
    return float(robust - plain)


def _crossing(conditions: Conditions) -> float | None:
    """How much worse rare responses must be for the mixture to gain more than the nominal head.

    By bisection at the optimum, with the same random numbers throughout.
    """
    low, high = -_FARTHEST, _FARTHEST
    if not _lead(conditions, low) < 0 < _lead(conditions, high):
        return None
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (low, middle) if _lead(conditions, middle) > 0 else (middle, high)
    return (low + high) / 2


def _outcome_of(conditions: Conditions, gain: FloatArray) -> str:
    """What becomes of the true reward in the time of training, and at the optimum.

    Args:
        conditions: how the system is run.
        gain: the change of the true reward of each data set along the mean field, (D,).
    """
    heads = _draw(conditions, conditions.runs(200, 1000), seed=conditions.seed)
    frozen, beta = frozen_responses(), conditions["beta"]
    if conditions.without:
        policy = penalised_optimum(frozen, heads.nominal, beta=beta)
    else:
        alpha, nominal = conditions["alpha"], heads.nominal
        policy = worst_policy(frozen, heads.means, nominal=nominal, alpha=alpha, beta=beta)
    best, error = mean_and_error(_mean_under(policy, heads.true) - _mean_under(frozen, heads.true))
    known = abs(best) > 2 * error  # not with a single data set
    so = ("raises" if best > 0 else "lowers") if known else "is not seen to raise or to lower"
    what = "the nominal head alone" if conditions.without else "the minimum of expectations"
    return (
        f"Training on {what} for {conditions.steps(400, 800)} steps changes the true reward by"
        f" {plus_minus(*mean_and_error(gain))} (exact, over {len(gain)} data sets, with the"
        f" standard error between them), and its optimum by {plus_minus(best, error)} (over"
        f" {len(heads.true)}): in the end this reward {so} it."
    )


def _boundary(conditions: Conditions, gain: FloatArray) -> str:
    reached = _outcome_of(conditions, gain)
    if conditions.without:
        return (
            "One head prefers a response without data to a known one of reward 0 with a chance of"
            f" 1/2, however bad it is. {reached}"
        )
    crossing, chance = _crossing(conditions), 2.0 ** -int(conditions["heads"])
    which = "alpha nominal + (1 - alpha) minimum of each rollout"
    if crossing is not None:
        least, side = ("at least", "worse") if crossing > 0 else ("not more than", "better")
        found = (
            f"{which} gains more than the nominal head if the rarest response is {least}"
            f" {abs(crossing):.2f} {side} on average than the most frequent one"
        )
    else:
        lead = _lead(conditions, conditions["rare"])
        than = "as much as" if abs(lead) < 5e-4 else "more than" if lead > 0 else "less than"
        found = f"{which} gains {than} the nominal head ({signed(lead)})"
    return (
        "The minimum of each rollout prefers a response without data to a known one of reward 0"
        f" with a chance of {chance:.3g} (2^-J), one head with 1/2. Here {found}. An error that all"
        f" heads share is not seen. {reached}"
    )


BRME = System(
    name="brme",
    story=(
        "Heads of a reward model are fitted once to finite data (8 prompts, 8 responses), and err"
        " where responses are rare. Training on one head finds its errors. The objective alpha"
        " nominal + (1 - alpha) worst case, with the minimum over heads of the expected reward as"
        " in the paper, averages the errors; the minimum of each rollout avoids responses about"
        " which the heads disagree. Standard errors are those of training, given the data sets."
    ),
    switch="alpha = 1: the nominal head alone is the reward, with the same KL penalty",
    source=(
        "Yan et al. 2024 (reward-robust RLHF, BRME), arXiv 2409.15360; Hahami et al. 2026,"
        " arXiv 2606.09073"
    ),
    verdict=(
        "Agrees that the robust objective gains true reward where a nominal reward alone is"
        " exploited; disagrees that this holds in general: where rare responses are better, the"
        " nominal head gains more, and no ensemble sees an error that its heads share. The heads"
        " here are fitted to noisy scores, those of the paper to a Bradley-Terry model."
    ),
    show=_show,
    knobs=(
        Knob("alpha", 0.5, 0.0, 1.0, "the weight of the nominal reward"),
        Knob("beta", 0.1, 0.05, 2.0, "the coefficient of the KL penalty"),
        Knob("heads", 5, 2, 12, "the number of heads", whole=True),
        Knob("scores", 12, 0, 100, "scored responses of each prompt", whole=True),
        Knob(
            "rare", 3.0, -_FARTHEST, _FARTHEST, "how much worse the rarest response is on average"
        ),
        Knob("shared", 3.0, 0.0, 10.0, "the error that all heads share, in the last column"),
    ),
)
