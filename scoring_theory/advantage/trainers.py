"""What trainers do to a reward before anybody learns from it: frameworks and papers, with their defaults.

Every default was read in the released source that its `source` names. This is the one place for
these facts; the simulations' presets take their numbers from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isfinite
from numbers import Integral
from typing import Any, Literal, get_args

from scoring_theory.advantage.estimators import ESTIMATORS, estimator_named
from scoring_theory.display import Named, one_line

Outcomes = Literal["independent", "by_answer", "shared"]
"""How the outcomes of one group of rollouts hang together; each rollout alone always has its answer's probability.

`independent`: every rollout is judged anew. `by_answer`: in one group the same answer is always
right or always wrong, as in question answering. `shared`: one event decides the whole group, as in
forecasting.
"""
LARGEST_GROUP = 1024


def _require_whole(name: str, value: object) -> None:
    if not isinstance(value, Integral):
        raise ValueError(f"`{name}` must be a whole number, got {value!r}")


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """What a trainer makes of the rewards r_1..r_G of one question's rollouts.

    Its estimator has a formula, see `ESTIMATORS`, with std(r)^2 = sum (r_i - mean)^2 / (G - ddof).

    Attributes:
        estimator: the name of one of `ESTIMATORS`.
        group_size: G, from 2 to 1024.
        ddof: 1 as in torch, 0 as in numpy.
        epsilon: added to the standard deviation.
        clip: rewards are clipped to this range before anything else; None for no clipping.
        keep: only groups whose mean reward lies strictly between are kept (dynamic filtering); None
            keeps all.
        unreadable: what a reward of NaN or None becomes: "left out" of its group with advantage 0,
            or "poison", the group's mean and with it every advantage is NaN.
        name: what it is called.
        source: where its numbers were read.

    Raises:
        ValueError: an attribute outside its domain.

    Example:
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
    unreadable: Literal["left out", "poison"] = "poison"
    name: str = ""
    source: str = ""

    __repr__ = one_line

    def __post_init__(self) -> None:
        """Refuse what no trainer could be."""
        estimator_named(self.estimator)
        _require_whole("group_size", self.group_size)
        if not 2 <= self.group_size <= LARGEST_GROUP:
            raise ValueError(
                f"`group_size` must lie between 2 and {LARGEST_GROUP}, got {self.group_size}"
            )
        if self.ddof not in (0, 1):
            raise ValueError(f"`ddof` must be 0 or 1, got {self.ddof}")
        if self.epsilon < 0:
            raise ValueError(f"`epsilon` must not be negative, got {float(self.epsilon):g}")
        for name, ends in (("clip", self.clip), ("keep", self.keep)):
            if ends is not None and not ends[0] < ends[1]:
                raise ValueError(
                    f"`{name}` must be a low and a higher end, got {ends[0]} and {ends[1]}"
                )

    @property
    def affine(self) -> bool:
        """Whether the advantage is affine in the own reward, with a positive slope, whatever the group."""
        return ESTIMATORS[self.estimator].affine and self.keep is None

    def __str__(self) -> str:
        divides = ESTIMATORS[self.estimator].scale == "group_std"
        how = (
            f", std over G{' - 1' if self.ddof else ''}, epsilon {float(self.epsilon):g}"
            if divides
            else ""
        )
        return (
            f"{self.name + ': ' if self.name else ''}{self.estimator}{how}, G = {self.group_size}"
        )

    def to_json(self) -> dict[str, Any]:
        """Every attribute as plain data."""
        ends = {name: None if pair is None else [str(end) for end in pair]
                for name, pair in (("clip", self.clip), ("keep", self.keep))}  # fmt: skip
        return {
            "name": self.name,
            "source": self.source,
            "estimator": self.estimator,
            "group_size": int(self.group_size),
            "ddof": self.ddof,
            "epsilon": str(self.epsilon),
            **ends,
            "unreadable": self.unreadable,
        }


_TRL = "TRL 1.16.0, trl/trainer/grpo_trainer.py and grpo_config.py"
_VERL = "verl 0.9.1, verl/trainer/ppo/core_algos.py and trainer/config/algorithm.py"
_OPENRLHF = "OpenRLHF 0.11.2, openrlhf/trainer/ppo_utils/experience_maker.py"
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
        unreadable="left out",
        name="TRL RLOOTrainer",
        source=(
            "TRL 1.16.0, trl/trainer/rloo_config.py: num_generations=2, normalize_advantages=False,"
            " no clip range"
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
            f"{_VERL}: each reward of gdpo_reward_keys by its group's mean and std, weighed and"
            " added; the whitening after it is a common scale"
        ),
    ),
    "openrlhf_group_norm": Trainer(
        estimator="group_std",
        epsilon=_BILLIONTH,
        name="OpenRLHF, advantage.estimator=group_norm",
        source=(
            f"{_OPENRLHF}: + 1e-9; reward.clip_range (-10, 10) acts after the division, where |A|"
            " <= (G - 1)/sqrt(G) stays below 10 up to G = 101; n_samples_per_prompt defaults to 1"
        ),
    ),
    "openrlhf_default": Trainer(
        estimator="batch_std",
        clip=(Fraction(-10), Fraction(10)),
        name="OpenRLHF, advantage.estimator=gae",
        source=(
            f"{_OPENRLHF}: the reward is clipped to (-10, 10), less a critic's baseline, and"
            " whitened over the batch (here the group's mean stands for the critic)"
        ),
    ),
    "openrlhf_rloo": Trainer(
        estimator="leave_one_out",
        name="OpenRLHF, advantage.estimator=rloo",
        source=f"{_OPENRLHF}: no whitening; reward.clip_range (-10, 10) acts on the difference",
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
"""Frameworks and papers by name."""


def as_trainer(estimator: str | Trainer, **changes: Any) -> Trainer:
    """A trainer from its name, an estimator's name, or itself, with changes by name (None changes nothing).

    Raises:
        ValueError: an unknown name, or a change outside its domain.

    Example:
        >>> str(as_trainer("trl_default", group_size=16))
        'TRL GRPOTrainer: group_std, std over G - 1, epsilon 0.0001, G = 16'
        >>> as_trainer("group_mean").group_size
        8
    """
    given = {name: value for name, value in changes.items() if value is not None}
    if "epsilon" in given:
        given["epsilon"] = _fraction("epsilon", given["epsilon"])
    for name in ("clip", "keep"):
        if name in given:
            given[name] = _ends(name, given[name])
    if isinstance(estimator, Trainer):
        return replace(estimator, **given)
    if estimator in TRAINERS:
        return replace(TRAINERS[estimator], **given)
    if estimator in ESTIMATORS:
        return Trainer(estimator=estimator, **given)
    raise ValueError(
        f"`estimator` must be one of {', '.join([*ESTIMATORS, *TRAINERS])}, got {estimator!r}"
    )


def _ends(name: str, value: Any) -> tuple[Fraction, Fraction]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        raise ValueError(f"`{name}` must be a pair, a low and a higher end, got {value!r}")
    return _fraction(name, value[0]), _fraction(name, value[1])


def _fraction(name: str, value: Any) -> Fraction:
    try:
        finite = isfinite(value) if isinstance(value, float) else True
        if finite:
            return Fraction(str(value)) if isinstance(value, float) else Fraction(value)
    except (ValueError, TypeError, ZeroDivisionError):
        pass
    raise ValueError(f"`{name}` must be made of finite numbers, got {value!r}")


def require_outcomes(outcomes: str) -> Outcomes:
    """The outcome model, if it is one.

    Raises:
        ValueError: otherwise.
    """
    known: tuple[Outcomes, ...] = get_args(Outcomes)
    for model in known:
        if model == outcomes:
            return model
    raise ValueError(f"`outcomes` must be one of {', '.join(known)}, got {outcomes!r}")
