"""What `check` finds in a setting of its own: graded scores, verifier errors, a grid of reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from scoring_theory.display import line
from scoring_theory.verdict import Verdict

Property = Literal["proper", "strictly proper", "jointly optimal"]


@dataclass(frozen=True)
class Setting:
    """The verdicts and findings on a reward in one setting.

    Attributes:
        name: the setting as the end of a headline, such as "with graded scores".
        otherwise: the label of the plain verdicts beside it, such as "for c = 0 or 1"; needed where
            the setting replaces verdicts.
        replaces: the verdicts on properties of the reward that take the place of those for outcomes
            of 0 and 1, every confidence and a verifier without errors.
        demands: further claims, by name, that must be proved for the reward to hold.
        rows: the findings as pairs of a label and a text, in reading order.
        data: the findings as plain data, for `to_json`.
        optimum: what maximises expected reward if the replaced verdicts are proved, as the subject
            of a sentence.
        certificates: certificates of findings that are not verdicts.

    Example:
        >>> Setting("with graded scores", {"proper": Verdict("undecided", "no proof is known")})
        Setting('with graded scores': proper undecided)
    """

    name: str
    replaces: Mapping[Property, Verdict] = field(default_factory=dict)
    demands: Mapping[str, Verdict] = field(default_factory=dict)
    rows: Sequence[tuple[str, str]] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    certificates: Sequence[Mapping[str, Any]] = ()
    otherwise: str = "otherwise"
    optimum: str = ""

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """All verdicts by name, in reading order."""
        return dict([*self.replaces.items(), *self.demands.items()])

    def __repr__(self) -> str:
        claims = ", ".join(f"{name} {verdict.status}" for name, verdict in self.verdicts.items())
        return line("Setting", f"{self.name!r}{f': {claims}' if claims else ''}")

    def to_json(self) -> dict[str, Any]:
        """Name, verdicts and findings as plain data.

        Example:
            >>> Setting("on a grid", data={"levels": 11}).to_json()
            {'setting': 'on a grid', 'verdicts': {}, 'levels': 11}
        """
        verdicts = {name: verdict.to_json() for name, verdict in self.verdicts.items()}
        return {"setting": self.name, "verdicts": verdicts, **self.data}
