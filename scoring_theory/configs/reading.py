"""What a configuration says about the training of a reward: `ConfigReading`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from scoring_theory.advantage.trainers import Trainer
from scoring_theory.configs.shell import ARGUMENTS
from scoring_theory.display import Code, line, table
from scoring_theory.printable import printable

SettingEffect = Literal["changes", "harmless", "not modelled"]
"""What a setting does to the optimum of a reward: it can change it and `check` decides whether it
does; it does not change it; or it can, and no verdict covers it.
"""
_HEADS: Mapping[SettingEffect, str] = {
    "changes": "changes the optimum",
    "not modelled": "not modelled",
    "harmless": "harmless",
}
CONFIG_SCHEMA = 1
_SHOWN = 12  # names of settings that were not read


@dataclass(frozen=True)
class SettingRead:
    """One setting of a configuration.

    Attributes:
        name: as the framework calls it.
        value: as text.
        effect: what it does to the optimum of a reward.
        why: the reason, as a sentence without its full stop.
        stated: whether the configuration states it; otherwise it is the default of a release.

    Example:
        >>> SettingRead("scale_rewards", "group", "changes", "divides by the group's std")
        SettingRead(scale_rewards = group: changes)
    """

    name: str
    value: str
    effect: SettingEffect
    why: str
    stated: bool = True

    def __repr__(self) -> str:
        return line("SettingRead", f"{self.name} = {self.value}: {self.effect}")


@dataclass(frozen=True)
class ConfigReading:
    """What a configuration says about the training of a reward.

    Attributes:
        framework: "trl", "verl" or "openrlhf".
        release: the release whose defaults stand for what is not stated, such as "TRL 1.16.0";
            empty where the configuration states everything.
        trainer: how advantages are computed from rewards.
        settings: the settings that were read, with what each does.
        weights: the weights of several reward functions; None if they are not given.
        truncated: the factor of the reward of a truncated completion; None if there is none.
        no_effect: the names of stated settings of the optimiser, data, hardware and logging.
        not_read: the names of stated settings that are not known.
        unclear: those of them that matter, or may: a setting in a section where the framework has
            none, `trainer.beta`, or with a variable that the script does not set, `beta=$1`.
        source: the file.

    Example:
        >>> from scoring_theory.configs import read_trl
        >>> reading = read_trl({"scale_rewards": "none", "num_generations": 16})
        >>> reading.trainer.estimator, reading.trainer.group_size
        ('group_mean', 16)
        >>> [setting.name for setting in reading.changes]
        []
    """

    framework: str
    release: str
    trainer: Trainer
    settings: Sequence[SettingRead]
    weights: tuple[Fraction, ...] | None = None
    truncated: Fraction | None = None
    no_effect: Sequence[str] = ()
    not_read: Sequence[str] = ()
    unclear: Sequence[str] = ()
    source: str = field(default="", compare=False)

    def __repr__(self) -> str:
        names = ", ".join(setting.name for setting in (*self.changes, *self.not_modelled))
        return line("ConfigReading", str(self.trainer), names and f"look at {names}")

    @property
    def changes(self) -> list[SettingRead]:
        """The settings that can change the optimum of a reward; `check` decides whether they do."""
        return self._with("changes")

    @property
    def harmless(self) -> list[SettingRead]:
        """The settings that do not change it."""
        return self._with("harmless")

    @property
    def not_modelled(self) -> list[SettingRead]:
        """The settings that can change it, and that no verdict covers."""
        return self._with("not modelled")

    def _with(self, effect: SettingEffect) -> list[SettingRead]:
        return [setting for setting in self.settings if setting.effect == effect]

    @property
    def is_unclear(self) -> bool:
        """Whether a setting may matter that is not understood.

        Arguments with which a script is started, `"$@"`, are named and do not count: nearly every
        published script takes some, and nobody else can know them.
        """
        return not all(map(ARGUMENTS.fullmatch, self.unclear))

    def outcome(self) -> Literal["refuted", "undecided", "holds"]:
        """Whether a setting changes the optimum of rewards; "undecided" if one may that is unclear.

        Example:
            >>> from scoring_theory.configs import read_trl
            >>> read_trl({"scale_rewards": "none", "trainer": {"scale_rewards": "group"}}).outcome()
            'undecided'
        """
        return "refuted" if self.changes else "undecided" if self.is_unclear else "holds"

    def options(self) -> dict[str, Any]:
        """The arguments of `check` under which its verdict is about this training.

        Example:
            >>> from scoring_theory import check
            >>> from scoring_theory.configs import read_trl
            >>> reading = read_trl({"num_generations": 4})
            >>> check("c - (q - c)^2", **reading.options()).outcome()
            'refuted'
        """
        return {
            "estimator": self.trainer,
            **({} if self.truncated is None else {"truncated": self.truncated}),
        }

    def rows(self) -> list[tuple[str, str]]:
        """What was read, as pairs of a label and a sentence, in reading order."""
        rows = [("configuration", self._about())]
        for effect, label in _HEADS.items():
            rows += [
                (label, f"{setting.name} = {setting.value}: {setting.why}")
                for setting in self._with(effect)
            ]
        if self.no_effect:
            why = "optimiser, data, hardware, sampling or logging"
            rows.append((_HEADS["harmless"], f"{_few(self.no_effect)}: {why}"))
        arguments = [name for name in self.unclear if ARGUMENTS.fullmatch(name)]
        if arguments:
            why = (
                "arguments with which the script is started may override what is read here; the"
                " verdict is about a start without them"
            )
            rows.append(("not known", f"{', '.join(arguments)}: {why}"))
        if others := [name for name in self.unclear if name not in arguments]:
            why = (
                "it may matter, but its value or its place is not understood, so that with this"
                " configuration a verdict that holds is undecided"
            )
            rows.append(("not read", f"{', '.join(others)}: {why}"))
        if unknown := [name for name in self.not_read if name not in self.unclear]:
            rows.append(("not read", f"{_few(unknown)}: unknown here, so no verdict covers them"))
        return [(label, printable(sentence)) for label, sentence in rows]

    def _about(self) -> str:
        told = f"{self.source}: " if self.source else ""
        unstated = f"; what it does not state has the defaults of {self.release}"
        return f"{told}{self.trainer}{unstated if self.release else ''}"

    def text(self) -> str:
        """What was read, for a terminal."""
        return "\n".join(f"  {label:<20} {sentence}" for label, sentence in self.rows())

    def to_json(self) -> dict[str, Any]:
        """Everything as plain data, weights and factors as text."""
        return {
            "schema": CONFIG_SCHEMA,
            "framework": self.framework,
            "release": self.release,
            "source": self.source,
            "trainer": self.trainer.to_json(),
            "settings": [
                {
                    "name": setting.name,
                    "value": setting.value,
                    "effect": setting.effect,
                    "why": setting.why,
                    "stated": setting.stated,
                }
                for setting in self.settings
            ],
            "weights": None if self.weights is None else [str(weight) for weight in self.weights],
            "truncated": None if self.truncated is None else str(self.truncated),
            "no_effect": list(self.no_effect),
            "not_read": list(self.not_read),
            "unclear": list(self.unclear),
        }

    def _repr_html_(self) -> str:
        rows: Iterable[tuple[object, ...]] = (
            (Code(setting.name), setting.value, setting.effect, setting.why)
            for setting in sorted(
                self.settings, key=lambda setting: list(_HEADS).index(setting.effect)
            )
        )
        return table(rows, head=("setting", "value", "effect", "why"), caption=self._about())


def _few(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join([*names[:_SHOWN], *([f"{more} more"] if more > 0 else [])])
