"""One entry per trainer: signature, configuration line and default advantage estimator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class Framework:
    """The facts about one trainer that adapters and `export` use.

    Attributes:
        title: the name of the trainer, and the version of the signature.
        entry: the name of what the trainer calls.
        maker: what the entry is made of with a `Scorer`; its module is copied into exported files.
        form: how it is made: "partial" binds the scorer to a function, "call" calls a class whose
            instances are called, "class" derives a class.
        arguments: further arguments of `maker`, by name.
        truth: the default name of the column or field with the truth, an argument of `maker`; None
            if the trainer passes the truth itself.
        wiring: the trainer's configuration, a line for each way to start it, with the estimator,
            the size of a group and the KL penalty, and how to try it where that is not obvious;
            `{path}` is the file, `{module}` its module, and `{missing}` the reward of an unreadable
            completion.
        defaults: the key in `scoring_theory.advantage.TRAINERS` of the trainer's default estimator.

    Example:
        >>> from scoring_theory.adapters import FRAMEWORKS
        >>> FRAMEWORKS["trl"].entry, FRAMEWORKS["trl"].defaults
        ('reward_function', 'trl_default')
    """

    title: str
    entry: str
    maker: Callable[..., Any]
    form: Literal["partial", "call", "class"] = "partial"
    arguments: Mapping[str, str] = field(default_factory=dict)
    truth: str | None = None
    wiring: Sequence[str]
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

    def wired(self, path: str, missing: float) -> list[str]:
        """The lines of the trainer's configuration for a file.

        Args:
            path: the file.
            missing: the reward of an unreadable completion.

        Example:
            >>> from scoring_theory.adapters import FRAMEWORKS
            >>> FRAMEWORKS["trl"].wired("out/reward.py", -1.0)[1][:50]
            'trl grpo --reward_funcs reward.reward_function --s'
        """
        known = {"path": path, "module": PurePath(path).stem, "missing": f"{missing:g}"}
        return [line.format(**known) for line in self.wiring]

    def made(self, scorer: str, truth: str | None, **arguments: str) -> str:
        """The Python statement that makes the entry from a scorer.

        Args:
            scorer: the name of the scorer in the exported file.
            truth: the name of the truth, or None.
            **arguments: what replaces `arguments`.

        Example:
            >>> def as_x(grade, *, truth, loud): ...
            >>> x = Framework(title="X", entry="f", maker=as_x, arguments={"loud": "no"},
            ...               wiring=(), defaults="")
            >>> x.made("grade", "answer")
            "f = partial(as_x, grade, truth='answer', loud='no')"
        """
        named = {**({} if truth is None else {"truth": truth}), **self.arguments, **arguments}
        called = self.maker.__name__
        if self.form == "class":
            members = [f"    {key} = {value!r}" for key, value in named.items()]
            return "\n".join([f"class {self.entry}({called}):", f"    grade = {scorer}", *members])
        pairs = [f"{key}={value!r}" for key, value in named.items()]
        if self.form == "call":
            return f"{self.entry} = {called}({', '.join([scorer, *pairs])})"
        return f"{self.entry} = partial({', '.join([called, scorer, *pairs])})"


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
