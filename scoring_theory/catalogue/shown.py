"""How an entry of the catalogue is displayed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from scoring_theory.display import Code, line, shortened, table
from scoring_theory.reward import Reward


class _Entry(Protocol):
    @property
    def key(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def formula(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def notes(self) -> str: ...
    @property
    def domains(self) -> Mapping[str, str]: ...
    @property
    def reward(self) -> Reward: ...


class Shown:
    """A line for `repr`, and a table and LaTeX for notebooks (a base class of `Entry`)."""

    def __repr__(self: _Entry) -> str:
        return line(type(self).__name__, f"{self.key}: {shortened(self.formula, 70)!r}")

    def _repr_html_(self: _Entry) -> str:
        rows: list[tuple[str, str]] = [("R(q, c)", Code(self.formula))]
        rows += [("with", Code(domain)) for domain in self.domains.values()]
        rows += [
            (label, text)
            for label, text in (("source", self.source), ("notes", self.notes))
            if text
        ]
        return table(rows, caption=self.title)

    def _repr_latex_(self: _Entry) -> str:
        return self.reward._repr_latex_()
