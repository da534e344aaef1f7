"""The advantage estimators of frameworks and papers, with their defaults.

Every default was read in the released source code that `source` names. The presets of the
simulations take their numbers from this table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isfinite
from numbers import Integral
from types import MappingProxyType
from typing import Any, Literal, get_args

from scoring_theory.advantage.estimators import ESTIMATORS, estimator_named
from scoring_theory.display import Named, one_line
from scoring_theory.spelling import did_you_mean, plain_name

Outcomes = Literal["independent", "by_answer", "shared"]
"""How correctness is correlated within a group of rollouts, with the same marginal probabilities.

`independent`: the rollouts have independent outcomes. `by_answer`: within a group all rollouts with
the same answer are correct or all are wrong, as in question answering. `shared`: one event decides
the whole group, as in forecasting.
"""
KeptOutcomes = Literal["all", "mixed"]
"""Which groups are kept for training: all, or those with correct and with wrong rollouts."""
LARGEST_GROUP = 1024


def _require_whole(name: str, value: object) -> None:
    if not isinstance(value, Integral):
        raise ValueError(f"`{name}` must be a whole number, got {value!r}")


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """How a trainer computes advantages from the rewards r_1..r_G of the rollouts of one question.

    The formula of the estimator is in `ESTIMATORS`, with std(r)^2 = sum (r_i - mean)^2 / (G -
    ddof).

    Attributes:
        estimator: the name of an entry of `ESTIMATORS`.
        group_size: G, from 2 (3 where the standard deviation is that of the other rollouts) to
            1024.
        ddof: 1 as in torch, 0 as in numpy.
        epsilon: added to the standard deviation.
        clip: the interval to which rewards are clipped first; None for no clipping.
        keep: only groups whose mean reward lies strictly inside this interval are kept (dynamic
            sampling); None keeps all.
        keep_outcomes: "mixed" drops the groups whose rollouts are all correct or all wrong,
            whatever their rewards; "all" keeps every group.
        advantage_clip: the interval to which advantages are clipped last; None for no clipping.
        kl: beta, where beta times the KL divergence from the reference policy is subtracted from
            the reward; 0 for no penalty in the reward.
        unreadable: the effect of a reward of NaN or None: "left out" of its group with advantage 0,
            or "poison", which makes the mean and every advantage of the group NaN.
        name: the name of the trainer.
        source: where the defaults were read.

    Raises:
        ValueError: an attribute outside its domain.

    Example:
        >>> print(Trainer(estimator="group_std", group_size=16, name="mine"))
        mine: group_std, std over G - 1, epsilon 0, G = 16
        >>> Trainer(estimator="group_std", group_size=1)
        Traceback (most recent call last):
        ValueError: `group_size` must lie between 2 and 1024, got 1
    """

    estimator: str = "group_mean"
    group_size: int = 8
    ddof: int = 1
    epsilon: Fraction = Fraction(0)
    clip: tuple[Fraction, Fraction] | None = None
    keep: tuple[Fraction, Fraction] | None = None
    keep_outcomes: KeptOutcomes = "all"
    advantage_clip: tuple[Fraction, Fraction] | None = None
    kl: Fraction = Fraction(0)
    unreadable: Literal["left out", "poison"] = "poison"
    name: str = ""
    source: str = ""

    __repr__ = one_line

    def __post_init__(self) -> None:
        """Check the domains of all attributes."""
        least = max(2, estimator_named(self.estimator).least_group)
        _require_whole("group_size", self.group_size)
        if not least <= self.group_size <= LARGEST_GROUP:
            raise ValueError(
                f"`group_size` must lie between {least} and {LARGEST_GROUP}"
                f"{f' for {self.estimator}' if least > 2 else ''}, got {self.group_size}"
            )
        if self.ddof not in (0, 1):
            raise ValueError(f"`ddof` must be 0 or 1, got {self.ddof}")
        if self.epsilon < 0:
            raise ValueError(f"`epsilon` must not be negative, got {float(self.epsilon):g}")
        if self.kl < 0:
            raise ValueError(f"`kl` must not be negative, got {float(self.kl):g}")
        if self.keep_outcomes not in get_args(KeptOutcomes):
            raise ValueError(
                f"`keep_outcomes` must be one of {', '.join(get_args(KeptOutcomes))}, got"
                f" {self.keep_outcomes!r}"
            )
        self._require_own_group()
        for name, ends in self._intervals.items():
            if ends is not None and not ends[0] < ends[1]:
                raise ValueError(
                    f"`{name}` must be an interval (low, high) with low < high, got {ends[0]} and"
                    f" {ends[1]}"
                )

    def _require_own_group(self) -> None:
        """Refuse filters and clips whose effect depends on the questions of the batch."""
        estimator = ESTIMATORS[self.estimator]
        if self.advantage_clip is not None and estimator.of_batch:
            raise ValueError(
                "`advantage_clip` needs a baseline and a scale that come from one group, got the"
                f" estimator {self.estimator!r}"
            )
        if self.keep_outcomes == "mixed" and estimator.baseline == "batch_mean":
            raise ValueError(
                '`keep_outcomes` "mixed" needs a baseline that comes from the same group, or none,'
                f" got the estimator {self.estimator!r}"
            )

    @property
    def affine(self) -> bool:
        """Whether the advantage is an increasing affine function of the own reward in any group."""
        return ESTIMATORS[self.estimator].affine and self.keeps_every_group and self._unclipped

    def affine_given_the_others(self, outcomes: Outcomes) -> bool:
        """Whether it is one once the rewards of the others are known, which are independent of it.

        Example:
            >>> nemo = Trainer(estimator="leave_one_out_std")
            >>> nemo.affine_given_the_others("independent"), nemo.affine_given_the_others("shared")
            (True, False)
        """
        given = ESTIMATORS[self.estimator].affine_given_the_others and outcomes == "independent"
        return self.affine or (given and self.keeps_every_group and self._unclipped)

    @property
    def keeps_every_group(self) -> bool:
        """Whether no group is dropped for its rewards or its outcomes."""
        return self.keep is None and self.keep_outcomes == "all"

    @property
    def uncut(self) -> bool:
        """Whether no reward or advantage is clipped and no group is dropped."""
        return self.clip is None and self._unclipped and self.keeps_every_group

    @property
    def _unclipped(self) -> bool:
        return self.advantage_clip is None

    @property
    def _intervals(self) -> dict[str, tuple[Fraction, Fraction] | None]:
        return {"clip": self.clip, "keep": self.keep, "advantage_clip": self.advantage_clip}

    def __str__(self) -> str:
        return self.described(f"G = {self.group_size}")

    def described(self, groups: str) -> str:
        """The description with these words on groups, such as the sizes of those of a log.

        Args:
            groups: What is said of the size of groups instead of G, the default of the trainer.

        Example:
            >>> Trainer(estimator="group_mean").described("G from 3 to 4")
            'group_mean, G from 3 to 4'
        """
        scale, ddof = ESTIMATORS[self.estimator].scale, " - 1" if self.ddof else ""
        over = {"group_std": f"G{ddof}", "others_std": f"G - {1 + self.ddof}"}.get(scale)
        how = f", std over {over}, epsilon {float(self.epsilon):g}" if over else ""
        more = [
            f"{name.replace('_', ' ')} ({ends[0]}, {ends[1]})"
            for name, ends in self._intervals.items()
            if ends is not None and name != "clip"
        ]
        if self.keep_outcomes != "all":
            more.append("only mixed groups are kept")
        if self.kl:
            more.append(f"KL penalty {float(self.kl):g} in the reward")
        return ", ".join(
            [
                f"{self.name + ': ' if self.name else ''}{self.estimator}{how}",
                groups,
                *more,
            ]
        )

    def to_json(self) -> dict[str, Any]:
        """Every attribute as plain data, Fractions as text."""
        ends = {name: None if pair is None else [str(end) for end in pair]
                for name, pair in self._intervals.items()}  # fmt: skip
        return {
            "name": self.name,
            "source": self.source,
            "estimator": self.estimator,
            "group_size": int(self.group_size),
            "ddof": self.ddof,
            "epsilon": str(self.epsilon),
            **ends,
            "keep_outcomes": self.keep_outcomes,
            "kl": str(self.kl),
            "unreadable": self.unreadable,
        }


_TRL = "TRL 1.16.0, trl/trainer/grpo_trainer.py and grpo_config.py"
_VERL = "verl 0.9.1, verl/trainer/ppo/core_algos.py and trainer/config/algorithm.py"
_OPENRLHF = "OpenRLHF 0.11.2, openrlhf/trainer/ppo_utils/experience_maker.py"
_CLIP = "reward.clip_range (-10, 10) acts on the advantage"
_PENALTY = "algo.kl.init_coef=0.01 is subtracted from it (unless algo.kl.use_loss)"
_SWIFT = "ms-swift 4.6.0, swift/rl_core/advantage.py and arguments/rlhf_args.py"
_TEN, _HUNDREDTH = (Fraction(-10), Fraction(10)), Fraction(1, 100)
_TEN_THOUSANDTH, _MILLIONTH, _BILLIONTH = (Fraction(1, 10**n) for n in (4, 6, 9))

_ALL: dict[str, Trainer] = {
    "grpo": Trainer(
        estimator="group_std",
        name="GRPO",
        source="Shao et al. 2024, arXiv 2402.03300, with torch's standard deviation",
    ),
    "dr_grpo": Trainer(
        estimator="group_mean", name="Dr. GRPO", source="Liu et al. 2025, arXiv 2503.20783"
    ),
    "rloo": Trainer(
        estimator="leave_one_out", name="RLOO", source="Ahmadian et al. 2024, arXiv 2402.14740"
    ),
    "gdpo": Trainer(
        estimator="component_std",
        name="GDPO",
        source="arXiv 2601.05242; the whitening over the batch that follows is a common scale",
    ),
    "trl_default": Trainer(
        estimator="group_std",
        epsilon=_TEN_THOUSANDTH,
        unreadable="left out",
        name="TRL GRPOTrainer",
        source=(
            f'{_TRL}: scale_rewards="group", num_generations=8, nanstd with Bessel\'s correction, +'
            " 1e-4"
        ),
    ),
    "trl_none": Trainer(
        estimator="group_mean",
        unreadable="left out",
        name="TRL GRPOTrainer without scaling",
        source=f'{_TRL}: scale_rewards="none"',
    ),
    "trl_batch": Trainer(
        estimator="batch_std",
        epsilon=_TEN_THOUSANDTH,
        unreadable="left out",
        name="TRL GRPOTrainer, batch scaling",
        source=f'{_TRL}: scale_rewards="batch"',
    ),
    "trl_gdpo": Trainer(
        estimator="component_std",
        epsilon=_TEN_THOUSANDTH,
        unreadable="left out",
        name="TRL GRPOTrainer, GDPO",
        source=(
            f'{_TRL}: multi_objective_aggregation="normalize_then_sum"; the batch whitening after'
            " it is a common scale"
        ),
    ),
    "trl_rloo": Trainer(
        estimator="leave_one_out",
        group_size=2,
        kl=Fraction(1, 20),
        unreadable="left out",
        name="TRL RLOOTrainer",
        source=(
            "TRL 1.16.0, trl/trainer/rloo_config.py and rloo_trainer.py: num_generations=2,"
            " normalize_advantages=False, no clip range, beta=0.05 times the summed log ratio is"
            " subtracted from the reward"
        ),
    ),
    "verl_default": Trainer(
        estimator="group_std",
        epsilon=_MILLIONTH,
        name="verl, adv_estimator=grpo",
        source=(
            f"{_VERL}: norm_adv_by_std_in_grpo=True, epsilon 1e-6, torch.std (adv_estimator itself"
            " defaults to gae, rollout.n to 1)"
        ),
    ),
    "verl_gdpo": Trainer(
        estimator="component_std",
        epsilon=_MILLIONTH,
        name="verl, adv_estimator=gdpo",
        source=(
            f"{_VERL}: each reward of gdpo_reward_keys by its group's mean and std, weighted and"
            " added; the whitening after it is a common scale"
        ),
    ),
    "verl_dapo": Trainer(
        estimator="group_std",
        epsilon=_MILLIONTH,
        keep_outcomes="mixed",
        name="verl, adv_estimator=grpo, filter_groups.metric=acc",
        source=(
            f"{_VERL} and ppo/v1/replay_buffer.py: groups whose metric has standard deviation 0 are"
            " dropped (filter_groups.enable is False by default)"
        ),
    ),
    "verl_rloo": Trainer(
        estimator="leave_one_out",
        name="verl, adv_estimator=rloo",
        source=f"{_VERL}: (r - mean) G / (G - 1); use_kl_in_reward=False",
    ),
    "verl_opo": Trainer(
        estimator="group_mean",
        name="verl, adv_estimator=opo, answers of one length",
        source=f"{_VERL}: the mean is weighted by length, and is the group's for equal lengths",
    ),
    "verl_gpg": Trainer(
        estimator="group_mean",
        name="verl, adv_estimator=gpg",
        source=f"{_VERL}: the mean of the group, times one factor of the batch",
    ),
    "verl_remax": Trainer(
        estimator="none",
        name="verl, adv_estimator=remax",
        source=f"{_VERL}: less the reward of a greedy rollout, which no sampled rollout changes",
    ),
    "verl_reinforce_plus_plus": Trainer(
        estimator="whitened",
        name="verl, adv_estimator=reinforce_plus_plus",
        source=f"{_VERL}: masked_whiten over the tokens of the batch (here over its rollouts)",
    ),
    "verl_reinforce_plus_plus_baseline": Trainer(
        estimator="batch_std",
        name="verl, adv_estimator=reinforce_plus_plus_baseline",
        source=f"{_VERL}: the mean of the group, then masked_whiten over the batch",
    ),
    "openrlhf_group_norm": Trainer(
        estimator="group_std",
        epsilon=_BILLIONTH,
        advantage_clip=_TEN,
        kl=_HUNDREDTH,
        name="OpenRLHF, advantage.estimator=group_norm",
        source=f"{_OPENRLHF}: + 1e-9; {_CLIP}; {_PENALTY}; n_samples_per_prompt defaults to 1",
    ),
    "openrlhf_default": Trainer(
        estimator="batch_std",
        clip=_TEN,
        kl=_HUNDREDTH,
        name="OpenRLHF, advantage.estimator=gae",
        source=(
            f"{_OPENRLHF}: the reward is clipped to (-10, 10), less a critic's baseline, and"
            f" whitened over the batch (here the mean of the group replaces the critic); {_PENALTY}"
        ),
    ),
    "openrlhf_rloo": Trainer(
        estimator="leave_one_out",
        advantage_clip=_TEN,
        kl=_HUNDREDTH,
        name="OpenRLHF, advantage.estimator=rloo",
        source=f"{_OPENRLHF}: no whitening; {_CLIP}; {_PENALTY}",
    ),
    "openrlhf_dr_grpo": Trainer(
        estimator="group_mean",
        advantage_clip=_TEN,
        kl=_HUNDREDTH,
        name="OpenRLHF, advantage.estimator=dr_grpo",
        source=f"{_OPENRLHF}: no whitening; {_CLIP}; {_PENALTY}",
    ),
    "openrlhf_reinforce_baseline": Trainer(
        estimator="batch_std",
        kl=_HUNDREDTH,
        name="OpenRLHF, advantage.estimator=reinforce_baseline",
        source=(
            f"{_OPENRLHF}: the mean of the group, then whitened over the batch; payoffs within 10"
            f" of each other are not clipped; {_PENALTY}"
        ),
    ),
    "openrlhf_reinforce": Trainer(
        estimator="whitened",
        clip=_TEN,
        kl=_HUNDREDTH,
        name="OpenRLHF, advantage.estimator=reinforce",
        source=f"{_OPENRLHF}: clipped to (-10, 10), whitened over the batch; {_PENALTY}",
    ),
    "openrlhf_flash_reinforce": Trainer(
        estimator="global_mean",
        kl=_HUNDREDTH,
        name="OpenRLHF, advantage.estimator=flash_reinforce",
        source=f"{_OPENRLHF}: the mean of the batch, no whitening; {_PENALTY}",
    ),
    "dapo": Trainer(
        estimator="group_std",
        keep_outcomes="mixed",
        group_size=16,
        name="DAPO",
        source=(
            "Yu et al. 2025, arXiv 2503.14476: groups with accuracy 0 or 1 are sampled again, and"
            " rewards are divided by the standard deviation of the group"
        ),
    ),
    "gspo": Trainer(
        estimator="group_std",
        name="GSPO",
        source="Zheng et al. 2025, arXiv 2507.18071: GRPO's advantage, with a ratio of sequences",
    ),
    "nemo_rl": Trainer(
        estimator="leave_one_out_std",
        group_size=16,
        epsilon=_MILLIONTH,
        name="NeMo-RL, adv_estimator grpo",
        source=(
            "github.com/NVIDIA-NeMo/RL, nemo_rl/algorithms/advantage_estimator.py at 00925dd and"
            " utils.py at 0043953: use_leave_one_out_baseline and normalize_rewards are True, +"
            " 1e-6, not divided where the standard deviation of the others is 0"
        ),
    ),
    "skyrl": Trainer(
        estimator="group_std",
        group_size=5,
        epsilon=_MILLIONTH,
        name="SkyRL, advantage_estimator=grpo",
        source=(
            "SkyRL 0.3.0, skyrl/train/config/config.py and backends/skyrl_train/utils/ppo_utils.py:"
            " grpo_norm_by_std=True, + 1e-6, n_samples_per_prompt=5, use_kl_in_reward=False"
        ),
    ),
    "slime": Trainer(
        estimator="group_std",
        epsilon=_MILLIONTH,
        name="slime, advantage_estimator=grpo or gspo",
        source=(
            "github.com/THUDM/slime, slime/ray/rollout.py at 00de6b0: rewards_normalization and"
            " grpo_std_normalization, + 1e-6"
        ),
    ),
    "prime_rl": Trainer(
        estimator="group_mean",
        name="prime-rl, grpo",
        source=(
            "github.com/PrimeIntellect-ai/prime-rl, src/prime_rl/orchestrator/algo/grpo.py at"
            " 10d8af3 and advantage.py at 039b400, without a length penalty"
        ),
    ),
    "prime_rl_maxrl": Trainer(
        estimator="maxrl",
        name="prime-rl, max_rl",
        source=(
            "github.com/PrimeIntellect-ai/prime-rl, src/prime_rl/orchestrator/algo/max_rl.py at"
            " 0d6738f, after arXiv 2602.02710: 0 where the mean is not positive"
        ),
    ),
    "areal": Trainer(
        estimator="none",
        clip=(Fraction(-20), Fraction(20)),
        kl=Fraction(1, 10),
        name="AReaL without normalisation",
        source=(
            "AReaL 1.0.4, areal/api/cli_args.py and trainer/ppo/actor.py: reward_norm and adv_norm"
            " are None, reward_clip=20, kl_ctl=0.1 (in the reward; recipes often change all four)"
        ),
    ),
    "roll": Trainer(
        estimator="group_std",
        epsilon=_MILLIONTH,
        name="ROLL, adv_estimator=grpo",
        source=(
            "github.com/alibaba/ROLL, roll/utils/functionals.py at 090ac94: mean and standard"
            " deviation of the group, + 1e-6; advantage_clip is None; the default estimator is gae"
        ),
    ),
    "open_instruct": Trainer(
        estimator="group_mean",
        group_size=4,
        name="open-instruct, centered",
        source=(
            "github.com/allenai/open-instruct, open_instruct/data_loader.py at 006e470:"
            ' advantage_normalization_type="centered", num_samples_per_prompt_rollout=4'
        ),
    ),
    "tinker_cookbook": Trainer(
        estimator="group_mean",
        name="Tinker cookbook",
        source=(
            "tinker-cookbook 0.6.1, tinker_cookbook/rl/data_processing.py; kl_penalty_coef=0.0"
        ),
    ),
    "ms_swift": Trainer(
        estimator="group_std",
        epsilon=_TEN_THOUSANDTH,
        name="ms-swift, advantage_estimator=grpo",
        source=f"{_SWIFT}: scale_rewards group, + 1e-4, num_generations=8, kl_in_reward False",
    ),
    "ms_swift_rloo": Trainer(
        estimator="leave_one_out",
        kl=Fraction(1, 25),
        name="ms-swift, advantage_estimator=rloo",
        source=f"{_SWIFT}: scale_rewards none, kl_in_reward True, beta=0.04",
    ),
    "ms_swift_reinforce_plus_plus": Trainer(
        estimator="batch_std",
        epsilon=_TEN_THOUSANDTH,
        kl=Fraction(1, 25),
        name="ms-swift, advantage_estimator=reinforce_plus_plus",
        source=f"{_SWIFT}: scale_rewards batch, + 1e-4, kl_in_reward True, beta=0.04",
    ),
    "rlcr": Trainer(
        estimator="group_mean",
        group_size=32,
        name="RLCR",
        source=(
            "Damani et al. 2025, arXiv 2507.16806; github.com/damanimehul/RLCR at 8904bed,"
            " configs/*/RLCR.yaml: scale_rewards: false, num_generations: 32"
        ),
    ),
}
TRAINERS: Mapping[str, Trainer] = Named(
    "TRAINERS", _ALL, columns=("name", "estimator", "group_size", "epsilon")
)
"""The trainers of frameworks and papers by name."""
ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "trl": "trl_default",
        "verl": "verl_default",
        "openrlhf": "openrlhf_default",
        "swift": "ms_swift",
        "tinker": "tinker_cookbook",
        "nemo": "nemo_rl",
        "max_rl": "maxrl",
        "opo": "verl_opo",
        "gpg": "verl_gpg",
        "remax": "verl_remax",
        "reinforce": "none",
        "reinforce_plus_plus": "verl_reinforce_plus_plus",
        "reinforce_plus_plus_baseline": "verl_reinforce_plus_plus_baseline",
    }
)
"""Names that are tried first, and the entry of `TRAINERS` or `ESTIMATORS` that each stands for."""


def as_trainer(estimator: str | Trainer, **changes: Any) -> Trainer:
    """A `Trainer` from its name or the name of an estimator, with changed attributes.

    Args:
        estimator: a name in `TRAINERS`, `ESTIMATORS` or `ALIASES` (capitals and hyphens do not
            matter), or a `Trainer`.
        changes: attributes of `Trainer` by name; None keeps the default.

    Raises:
        ValueError: the name is unknown, or a value is outside its domain.

    Example:
        >>> str(as_trainer("trl_default", group_size=16))
        'TRL GRPOTrainer: group_std, std over G - 1, epsilon 0.0001, G = 16'
        >>> as_trainer("group_mean").group_size, as_trainer("NeMo-RL").group_size
        (8, 16)
    """
    given = {name: value for name, value in changes.items() if value is not None}
    for name in ("epsilon", "kl"):
        if name in given:
            given[name] = as_fraction(name, given[name])
    for name in ("clip", "keep", "advantage_clip"):
        if name in given:
            given[name] = _ends(name, given[name])
    if isinstance(estimator, Trainer):
        return replace(estimator, **given)
    name = plain_name(estimator)
    name = ALIASES.get(name, name)
    if name in TRAINERS:
        return replace(TRAINERS[name], **given)
    if name in ESTIMATORS:
        return Trainer(estimator=name, **given)
    names = [*ESTIMATORS, *TRAINERS]
    raise ValueError(
        f"`estimator` must be one of {', '.join(names)}, got {estimator!r}"
        f"{did_you_mean(estimator, [*names, *ALIASES])}"
    )


def _ends(name: str, value: Any) -> tuple[Fraction, Fraction]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        raise ValueError(f"`{name}` must be a pair (low, high), got {value!r}")
    return as_fraction(name, value[0]), as_fraction(name, value[1])


def as_fraction(name: str, value: Any) -> Fraction:
    """A number as an exact fraction; floats are read as the decimals that they print.

    Raises:
        ValueError: it is not a finite number.

    Example:
        >>> as_fraction("kl", 0.05)
        Fraction(1, 20)
    """
    try:
        finite = isfinite(value) if isinstance(value, float) else True
        if finite:
            return Fraction(str(value)) if isinstance(value, float) else Fraction(value)
    except (ValueError, TypeError, ZeroDivisionError):
        pass
    raise ValueError(f"`{name}` must consist of finite numbers, got {value!r}")


def require_outcomes(outcomes: str) -> Outcomes:
    """Return the name of an outcome model, checked.

    Raises:
        ValueError: the name is unknown.

    Example:
        >>> require_outcomes("shared")
        'shared'
    """
    known: tuple[Outcomes, ...] = get_args(Outcomes)
    for model in known:
        if model == outcomes:
            return model
    raise ValueError(f"`outcomes` must be one of {', '.join(known)}, got {outcomes!r}")
