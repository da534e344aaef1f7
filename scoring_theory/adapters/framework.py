"""What one trainer needs to be told, in one entry: how an exported file ends, and what the trainer does unless told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Framework:
    """How a file for one trainer ends, how the trainer is told of it, and what it makes of rewards by default.

    Attributes:
        title: the trainer and the version whose signature it is.
        entry: the name in the file that the trainer calls.
        maker: the function that makes the entry from a `Scorer`; its file is written into the
            exported one.
        arguments: what `maker` takes beside the scorer and the truth, by name.
        truth: what the truth is called by default, an argument of `maker`; None where the trainer
            itself says.
        wiring: one line for people; `{path}` is the file.
        defaults: the key in `scoring_theory.advantage.TRAINERS` of what the trainer does to rewards
            by default.
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
        """The file of `maker`, in this room."""
        return self.maker.__module__.rpartition(".")[2]

    def named_truth(self, truth: str | None) -> str | None:
        """What the truth is called: as given, or by default.

        Raises:
            ValueError: the trainer itself says where the truth is, or the given text is not a name.
        """
        if truth is None:
            return self.truth
        if self.truth is None:
            raise ValueError(f"{self.title} says itself where the truth is; leave `truth` out")
        return identifier("truth", truth)

    def made(self, scorer: str, truth: str | None) -> str:
        """The Python that makes the entry from a scorer of that name.

        Example:
            >>> def as_x(grade, *, truth, loud): ...
            >>> entry = Framework(title="X", entry="f", maker=as_x, arguments={"loud": False}, wiring="", defaults="")
            >>> entry.made("grade", "answer")
            "as_x(grade, truth='answer', loud=False)"
        """
        named = {**({} if truth is None else {"truth": truth}), **self.arguments}
        return f"{self.maker.__name__}({', '.join([scorer, *(f'{key}={value!r}' for key, value in named.items())])})"


def identifier(argument: str, given: object) -> str:
    """A name, as given; faults of the wiring are told before the first step of a training run, not in it.

    Raises:
        ValueError: it is not one.
    """
    if not (isinstance(given, str) and given.isidentifier()):
        raise ValueError(f"`{argument}` must be a name such as 'solution', got {given!r}")
    return given
