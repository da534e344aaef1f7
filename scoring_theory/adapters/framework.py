"""One entry per trainer: signature, configuration line and default advantage estimator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Framework:
    """The facts about one trainer that adapters and `export` use.

    Attributes:
        title: the name of the trainer, and the version of the signature.
        entry: the name of the function that the trainer calls.
        maker: the function that makes the entry from a `Scorer`; its module is copied into exported
            files.
        arguments: further arguments of `maker`, by name.
        truth: the default name of the column or field with the truth, an argument of `maker`; None
            if the trainer passes the truth itself.
        wiring: the line of the trainer's configuration; `{path}` is the file.
        defaults: the key in `scoring_theory.advantage.TRAINERS` of the trainer's default estimator.

    Example:
        >>> from scoring_theory.adapters import FRAMEWORKS
        >>> FRAMEWORKS["trl"].entry, FRAMEWORKS["trl"].defaults
        ('reward_function', 'trl_default')
    """

    title: str
    entry: str
    maker: Callable[..., Any]
    arguments: Mapping[str, str | bool] = field(default_factory=dict)
    truth: str | None = None
    wiring: str
    defaults: str

    @property
    def module(self) -> str:
        """The name of the module of `maker`."""
        return self.maker.__module__.rpartition(".")[2]

    def named_truth(self, truth: str | None) -> str | None:
        """The name of the truth: as given, or the default.

        Raises:
            ValueError: the trainer passes the truth itself, or the given text is not an identifier.
        """
        if truth is None:
            return self.truth
        if self.truth is None:
            raise ValueError(f"{self.title} passes the truth itself; omit `truth`")
        return identifier("truth", truth)

    def made(self, scorer: str, truth: str | None) -> str:
        """The Python expression that makes the entry from a scorer.

        Args:
            scorer: the name of the scorer in the exported file.
            truth: the name of the truth, or None.

        Example:
            >>> def as_x(grade, *, truth, loud): ...
            >>> x = Framework(title="X", entry="f", maker=as_x, arguments={"loud": False},
            ...               wiring="", defaults="")
            >>> x.made("grade", "answer")
            "as_x(grade, truth='answer', loud=False)"
        """
        named = {**({} if truth is None else {"truth": truth}), **self.arguments}
        arguments = [scorer, *(f"{key}={value!r}" for key, value in named.items())]
        return f"{self.maker.__name__}({', '.join(arguments)})"


def identifier(argument: str, given: object) -> str:
    """Return a Python identifier, checked before a training run starts.

    Raises:
        ValueError: it is not an identifier.

    Example:
        >>> identifier("truth", "solution")
        'solution'
    """
    if not (isinstance(given, str) and given.isidentifier()):
        raise ValueError(f"`{argument}` must be a name such as 'solution', got {given!r}")
    return given
