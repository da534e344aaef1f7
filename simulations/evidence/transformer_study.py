"""The study of a transformer: its settings, and the numbers of every run.

A *setting* is an experiment with one of the rewards, estimators and variants; each is run with
eight seeds, and every run is measured exactly at eleven checkpoints, on the questions of training
("in") and on a third of the questions that are never trained on ("out").

    >>> settings = transformer_settings()
    >>> len(settings), settings["brier/mean"].experiment(seed=3).reward.name
    (47, 'RLCR')
    >>> settings["log/std"].group
    'core'

Groups of settings: "core" (four rewards, two estimators), "second" (other rewards and estimators,
separate credit, a verifier that errs), "ablations", "sums" (answers of two tokens), "causes" (what
moves confidence under the binary reward), "large" (about a million parameters), and "after" (what
was asked only after the core had been seen, without predictions).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from scoring_theory.catalogue.coercion import as_reward
from scoring_theory.display import one_line
from scoring_theory.reward import Reward
from simulations.experiment import Experiment
from simulations.record import Record, Where
from simulations.running import run
from simulations.training import LearningRule
from simulations.transformer import Corpus, Transformer
from simulations.worlds import World, lookup_world, noisy_verifier, sum_world

StudyGroup = Literal["core", "second", "ablations", "sums", "causes", "large", "after"]
STUDY_SEEDS = tuple(range(8))
RUNS_FILE = Path(__file__).with_name("transformer_runs.csv")
DESCENT = 0.03
"""The learning rate of plain gradient descent."""
TRL_FILE = Path(__file__).with_name("transformer_trl.csv")
STUDY_REWARDS: Mapping[str, str] = {
    "binary": "c",
    "brier": "rlcr",
    "double": "c - 2*(q - c)^2",
    "spherical": "c + spherical",
    "log": "c + log",
    "one-sided": "one_sided",
}
"""The rewards of the study, by their name in settings; -inf is replaced by the payoff at 1e-4."""
_ESTIMATORS = {"mean": "group_mean", "std": "group_std", "others": "leave_one_out"}
_METRICS = (
    "accuracy",
    "mean_confidence",
    "ece",
    "brier",
    "auroc",
    "confident_and_wrong",
    "answer_entropy",
    "confidence_entropy",
)
RUN_COLUMNS = ("setting", "seed", "step", "place", *_METRICS, "start_confidence")
"""The columns of the result file; `start_confidence` is what the agent would have stated before
training about the answers that it gives now."""


_REWARD_TITLES = {
    "binary": "binary",
    "brier": "RLCR",
    "double": "2 x Brier",
    "spherical": "c + spherical",
    "log": "c + log",
    "one-sided": "one-sided",
}
_ESTIMATOR_TITLES = {"mean": "group mean", "std": "group std", "others": "leave-one-out"}
_VARIANT_TITLES = {
    "separate": "separate credit",
    "verifier": "a verifier that errs",
    "kl": "KL penalty",
    "confidence-first": "confidence first",
    "ppo": "four epochs of PPO",
    "thoughts": "two thoughts",
    "sums": "sums",
    "expected": "expected updates",
    "expected-unrelated": "expected, corpus unrelated",
    "expected-opposite": "expected, corpus opposite",
    "sampled-unrelated": "sampled, corpus unrelated",
    "sampled-opposite": "sampled, corpus opposite",
    "two-networks": "two networks",
    "expected-two-networks": "expected, two networks",
    "answers-only": "answers trained alone",
    "confidence-only": "confidence trained alone",
    "large": "a million parameters",
    "descent": "gradient descent",
    "slow": "a third of the rate",
}


@dataclass(frozen=True)
class TransformerSetting:
    """One setting of the study.

    Args:
        name: The reward, the estimator, and the variant if it is not the core's.
        group: The part of the study that it belongs to.
        agent: The agent.
        rule: The learning rule.
        world: The questions of training, as the verifier sees them.
        elsewhere: The questions that are measured "out" of distribution.
        steps: Number of training steps.

    Example:
        >>> transformer_settings()["double/mean/separate"].agent.separate
        True
    """

    name: str
    group: StudyGroup
    agent: Transformer
    rule: LearningRule
    world: World
    elsewhere: World
    steps: int = 2000

    __repr__ = one_line

    @property
    def title(self) -> str:
        """The setting in words.

        Example:
            >>> transformer_settings()["double/mean/separate"].title
            '2 x Brier, separate credit'
        """
        reward, compared, *variant = self.name.split("/")
        what = _VARIANT_TITLES[variant[0]] if variant else _ESTIMATOR_TITLES[compared]
        if variant and compared != "mean":
            what = f"{_ESTIMATOR_TITLES[compared]}, {what}"
        return f"{_REWARD_TITLES[reward]}, {what}"

    @property
    def reward_title(self) -> str:
        """The reward in words."""
        return _REWARD_TITLES[self.name.split("/")[0]]

    @property
    def reward(self) -> Reward:
        """The reward."""
        return as_reward(STUDY_REWARDS[self.name.split("/")[0]])

    def experiment(self, seed: int) -> Experiment:
        """The experiment of one seed."""
        return Experiment(
            reward=self.reward,
            agent=self.agent,
            world=self.world,
            elsewhere=self.elsewhere,
            name=self.name,
            training=self.rule,
            steps=self.steps,
            replicates=1,
            seed=seed,
            checkpoints=11,
            keep_policy="all",
        )


@dataclass(frozen=True)
class _Base:
    """What settings are made from."""

    agent: Transformer
    world: World
    elsewhere: World
    group: StudyGroup
    steps: int = 2000
    rule: LearningRule = field(default_factory=LearningRule)

    def setting(
        self, name: str, *, rule: Mapping[str, Any] | None = None, **agent: Any
    ) -> TransformerSetting:
        estimator = _ESTIMATORS[name.split("/")[1]]
        return TransformerSetting(
            name,
            self.group,
            replace(self.agent, **agent),
            replace(self.rule, estimator=estimator, **(rule or {})),
            self.world,
            self.elsewhere,
            self.steps,
        )


@cache
def transformer_settings() -> Mapping[str, TransformerSetting]:
    """Every setting of the study, by name."""
    found = (
        *_core(), *_second(), *_ablations(), *_sums(), *_causes(), *_large(), *_after(),
    )  # fmt: skip
    return {one.name: one for one in found}


def _lookup(group: StudyGroup, steps: int = 2000, **agent: Any) -> _Base:
    trained, held_out = (lookup_world(part=part) for part in ("trained", "held_out"))
    return _Base(
        Transformer(corpus=Corpus(lookup_world()), **agent), trained, held_out, group, steps
    )


def _core() -> Iterable[TransformerSetting]:
    base = _lookup("core")
    for reward in ("binary", "brier", "double", "log"):
        for compared in ("mean", "std"):
            yield base.setting(f"{reward}/{compared}")


def _second() -> Iterable[TransformerSetting]:
    base = _lookup("second")
    for name in ("spherical/mean", "one-sided/mean", "binary/others", "brier/others"):
        yield base.setting(name)
    for reward in ("brier", "double", "log"):
        yield base.setting(f"{reward}/mean/separate", separate=True)
    judged = noisy_verifier(base.world, false_positive=0.2, false_negative=0.1)
    erring = replace(base, world=judged.as_paid(), elsewhere=judged)
    yield erring.setting("brier/mean/verifier")


def _ablations() -> Iterable[TransformerSetting]:
    base, slow = _lookup("ablations"), _lookup("ablations", steps=1000)
    for reward in ("binary", "brier"):
        yield base.setting(f"{reward}/mean/kl", rule={"kl": 0.05})
        yield base.setting(f"{reward}/mean/confidence-first", confidence_first=True)
        yield slow.setting(f"{reward}/mean/ppo", rule={"update": "ppo", "epochs": 4})
        yield slow.setting(f"{reward}/mean/thoughts", thoughts=2)


def _sums() -> Iterable[TransformerSetting]:
    trained, held_out = (sum_world(part=part) for part in ("trained", "held_out"))
    agent = Transformer(corpus=Corpus(sum_world()), digits=2)
    base = _Base(agent, trained, held_out, "sums", steps=1000)
    for reward in ("binary", "brier", "log"):
        yield base.setting(f"{reward}/mean/sums")


def _causes() -> Iterable[TransformerSetting]:
    for name, correlation in (("", 1.0), ("-unrelated", 0.0), ("-opposite", -1.0)):
        base = _lookup("causes")
        texts = replace(base.agent.corpus, correlation=correlation)
        base = replace(base, agent=replace(base.agent, corpus=texts))
        yield base.setting(f"binary/mean/expected{name}", expected=True)
        if name:
            yield base.setting(f"binary/mean/sampled{name}")
            continue
        for reward in ("brier", "log"):
            yield base.setting(f"{reward}/mean/expected", expected=True)
        yield base.setting("binary/mean/two-networks", shared=False)
        yield base.setting("binary/mean/expected-two-networks", shared=False, expected=True)
        yield base.setting("binary/mean/answers-only", credit="answers")
        yield base.setting("binary/mean/confidence-only", credit="confidence")


def _large() -> Iterable[TransformerSetting]:
    base = _lookup("large", steps=1000, width=144, depth=4)
    for reward in ("binary", "log"):
        for compared in ("mean", "std"):
            yield base.setting(f"{reward}/{compared}/large")


def _after() -> Iterable[TransformerSetting]:
    base = _lookup("after")
    for reward in ("binary", "brier", "double", "log"):
        yield base.setting(f"{reward}/mean/slow", speed=base.agent.speed / 3)
    yield base.setting("binary/mean/descent", adam=False, speed=DESCENT)


def run_setting(setting: TransformerSetting, seed: int) -> list[dict[str, str]]:
    """Train one seed of a setting: the rows of the result file, by column.

    Args:
        setting: The setting.
        seed: The seed of pretraining and of training.
    """
    experiment = setting.experiment(seed)
    record = run(experiment, threads=1)
    rows = []
    places: tuple[tuple[Where, World], ...] = (
        ("in", experiment.world),
        ("out", experiment.elsewhere),
    )
    for place, world in places:
        stated_at_start = _start_confidence(experiment, record, world)
        for t, step in enumerate(record.steps.tolist()):
            numbers = [record.metric(name, place)[0, t] for name in _METRICS]
            values = [f"{value:.5f}" for value in (*numbers, stated_at_start[t])]
            rows.append(
                dict(
                    zip(
                        RUN_COLUMNS,
                        (setting.name, str(seed), str(step), place, *values),
                        strict=True,
                    )
                )
            )
    return rows


def _start_confidence(experiment: Experiment, record: Record, world: World) -> list[float]:
    """The confidence that the start would state about the answers of each checkpoint, on average.

    mean over x of sum_y pi_t(y | x) sum_q q pi_0(q | x, y)
    """
    states = [
        experiment.agent.state_type(**{name: rows[0, t] for name, rows in record.states.items()})
        for t in range(len(record.steps))
    ]
    policies = [experiment.agent.policy(state, world) for state in states]
    at_start = policies[0].confidence @ policies[0].grid
    return [float((one.answer * at_start).sum(axis=-1).mean()) for one in policies]


@dataclass(frozen=True)
class TransformerRuns:
    """The numbers of all runs.

    Args:
        rows: The rows of the result file, by column.
    """

    rows: Sequence[Mapping[str, str]]

    __repr__ = one_line

    @property
    def settings(self) -> tuple[str, ...]:
        """The names of the settings that have been run, in the study's order."""
        there = {row["setting"] for row in self.rows}
        return tuple(name for name in transformer_settings() if name in there)

    def seeds(self, setting: str) -> tuple[int, ...]:
        """The seeds of a setting that have been run, ascending."""
        return tuple(sorted({int(row["seed"]) for row in self.rows if row["setting"] == setting}))

    def curves(
        self, setting: str, metric: str, place: str = "in"
    ) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """The steps of the checkpoints, (T,), and a metric of each seed, (seeds, T).

        Args:
            setting: The name of a setting.
            metric: A column of the result file.
            place: "in" or "out".

        Raises:
            KeyError: If the setting has not been run.
        """
        rows = [r for r in self.rows if r["setting"] == setting and r["place"] == place]
        if not rows:
            raise KeyError(f"no run of the setting {setting!r}")
        steps = np.unique([int(row["step"]) for row in rows])
        by_seed = {seed: np.full(len(steps), np.nan) for seed in self.seeds(setting)}
        for row in rows:
            at = np.searchsorted(steps, int(row["step"]))
            by_seed[int(row["seed"])][at] = float(row[metric])
        return steps, np.stack(list(by_seed.values()))

    def final(self, setting: str, metric: str, place: str = "in") -> np.ndarray[Any, Any]:
        """A metric of each seed at the last checkpoint, (seeds,)."""
        return self.curves(setting, metric, place)[1][:, -1]


@cache
def transformer_runs(path: Path = RUNS_FILE) -> TransformerRuns:
    """The runs of a result file; by default those that `make evidence` has written.

    Args:
        path: The file.
    """
    with path.open(encoding="utf-8", newline="") as file:
        return TransformerRuns(tuple(csv.DictReader(file)))


@cache
def trl_runs() -> tuple[Mapping[str, str], ...]:
    """The runs of the same transformer by TRL's own trainer, beside those of this package.

    The rows have the setting, the trainer ("TRL" or "own"), the number of steps, the place, three
    metrics and the versions; `tests/programs/evidence_trl.py` writes them.
    """
    with TRL_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
