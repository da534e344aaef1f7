"""What a file or an object states about a training run, by dotted names."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import SimpleNamespace
from typing import Any

_MOST, _DEEPEST = 20_000, 30  # settings of one configuration, and mappings inside mappings
_REFERENCE = re.compile(r"\$\{([\w.]+)\}")
UNSTATED = object()
"""The value of a setting that is not stated."""


class Unresolved(str):
    """The value of a setting that only a run would tell, as it is written: `$1`.

    Example:
        >>> Given({"beta": Unresolved("$1")}).take("beta", 0)
        0
    """

    __slots__ = ()


class Given:
    """Stated settings by dotted name; it remembers which of them were asked for.

    Args:
        settings: a mapping, whose mappings are read as dotted names, or an object whose attributes
            are the settings, such as a `GRPOConfig`.

    Raises:
        ValueError: a number or a text, which states nothing; or a setting is given twice.

    Example:
        >>> given = Given({"algorithm": {"adv_estimator": "grpo", "gamma": 1.0}})
        >>> given.take("algorithm.adv_estimator"), given.take("trainer.epochs", "unknown")
        ('grpo', 'unknown')
        >>> given.left
        {'algorithm.gamma': 1.0}
    """

    def __init__(self, settings: object) -> None:
        if isinstance(settings, tuple) and hasattr(settings, "_asdict"):
            settings = settings._asdict()
        if settings is None or isinstance(settings, str | bytes | int | float | list | tuple):
            raise ValueError(
                "a configuration must be a mapping or an object with attributes, got"
                f" {settings!r:.60}"
            )
        self._object = settings
        self.values: dict[str, Any] = {}
        self.unresolved: dict[str, str] = {}
        for name, value in _flat(settings, ""):
            if name in self.values:
                raise ValueError(
                    f"`{name}` is given twice, as a dotted name and in a mapping: leave one of them"
                )
            into = self.unresolved if isinstance(value, Unresolved) else self.values
            into[name] = value
            if len(self.values) > _MOST:
                raise ValueError(f"a configuration has at most {_MOST} settings")
        self.taken: set[str] = set()
        self.defaults = _own_defaults(settings)

    def take(self, name: str, default: Any = UNSTATED) -> Any:
        """The stated value, or the default; the name then counts as read."""
        self.taken.add(name)
        if name in self.values:
            return self._resolved(name)
        found = self._object
        for part in name.split("."):
            found = getattr(found, part, UNSTATED)
        return default if found is UNSTATED or callable(found) else found

    def rename(self, older: str, name: str) -> None:
        """Read a setting under its newer name, unless that is stated as well.

        Args:
            older: the name that may be stated.
            name: the name that is asked for.

        Example:
            >>> given = Given({"init_kl_coef": 0})
            >>> given.rename("init_kl_coef", "algo.kl.init_coef")
            >>> given.values
            {'algo.kl.init_coef': 0}
        """
        for stated in (self.values, self.unresolved):
            if older in stated:
                stated.setdefault(name, stated.pop(older))
        self.taken.add(older)

    def _resolved(self, name: str) -> Any:
        """The value of a setting, where it is stated by a reference such as `${rollout.n}`."""
        seen = {name}
        value = self.values[name]
        while isinstance(value, str) and "${" in value:
            found = _REFERENCE.fullmatch(value.strip())
            if found is None or found[1] not in self.values or found[1] in seen:
                raise ValueError(
                    f"`{name}` is stated by a reference, {value!r:.80}: give its value"
                )
            seen.add(found[1])
            value = self.values[found[1]]
        return value

    def require_resolved(self, name: str) -> None:
        """Refuse a setting without which nothing can be said, if only a run would tell its value.

        Raises:
            ValueError: it is an `Unresolved`.

        Example:
            >>> Given({"n": Unresolved("$N")}).require_resolved("n")
            Traceback (most recent call last):
            ValueError: `n` is $N, which the script does not set to one value: write the value there
        """
        if name in self.unresolved:
            raise ValueError(
                f"`{name}` is {self.unresolved[name]}, which the script does not set to one value:"
                " write the value there"
            )

    def states(self, name: str) -> bool:
        """Whether the setting is stated with a value that its class does not have by itself."""
        if name not in self.values:
            return False
        return name not in self.defaults or self.values[name] != self.defaults[name]

    @property
    def left(self) -> dict[str, Any]:
        """What was stated and never asked for, without what has its default."""
        return {
            name: value
            for name, value in self.values.items()
            if name not in self.taken and self.states(name)
        }


def _flat(settings: object, before: str, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The settings with dotted names; objects of a plain kind are opened like mappings."""
    if depth > _DEEPEST:
        raise ValueError(f"the settings of {before[:60]}... are nested too deeply")
    if isinstance(settings, Mapping):
        inside: Mapping[Any, Any] = {name: _value(settings, name) for name in settings}
    elif is_dataclass(settings) and not isinstance(settings, type):
        inside = {field.name: getattr(settings, field.name, None) for field in fields(settings)}
    else:
        inside = _attributes(settings)
    for name, value in inside.items():
        dotted = f"{before}{name}"
        opened = isinstance(value, Mapping | Namespace | SimpleNamespace) or is_dataclass(value)
        if opened and not isinstance(value, type):
            yield from _flat(value, f"{dotted}.", depth + 1)
        else:
            yield dotted, value


def _attributes(settings: object) -> dict[str, Any]:
    """The attributes of an object: its own, those in slots, and those of its classes."""
    itself = isinstance(settings, type)
    kinds = settings.__mro__ if isinstance(settings, type) else type(settings).__mro__
    names = [name for kind in reversed(kinds[:-1]) for name in vars(kind)]
    found: dict[str, Any] = {}
    for name in dict.fromkeys([*names, *getattr(settings, "__dict__", {})]):
        if name.startswith("_"):
            continue
        try:
            value = getattr(settings, name, UNSTATED)
        except Exception:  # a property may raise anything: its value is missing, as in OmegaConf
            value = "???"
        described = itself and hasattr(type(value), "__get__")
        if value is not UNSTATED and not callable(value) and not described:
            found[name] = value
    return found


def _value(settings: Mapping[Any, Any], name: Any) -> Any:
    """A value of a mapping; `???`, as OmegaConf writes it, where the mapping has none to give."""
    try:
        return settings[name]
    except Exception:  # OmegaConf's errors for what is missing or refers to nothing
        return "???"


def _own_defaults(settings: object) -> dict[str, Any]:
    """The defaults that the class of an object declares."""
    if not is_dataclass(settings) or isinstance(settings, type):
        return {}
    return {field.name: field.default for field in fields(settings) if field.default is not MISSING}
