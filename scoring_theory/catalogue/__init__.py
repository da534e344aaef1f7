"""Every named reward: scores, rewards, published rewards, and improper rules (counterexamples).

Entries without parameters are `Reward` objects; families are called with values of their
parameters:

    >>> brier.text, power(alpha=3).parameters
    ('-(q - c)^2', {'alpha': 'alpha = 3'})
    >>> CATALOGUE["power"].critical_weight, CATALOGUE["rlcr"].kind
    ('1/alpha', 'published')

A name means the same reward in Python, in formulas (`check("c + spherical")`), on the command line,
in legends and in tables. To add a reward, add an `Entry` to the file of its kind and run
`make catalogue`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scoring_theory.catalogue import improper, published, rewards, scores
from scoring_theory.catalogue.entry import Entry, Kind
from scoring_theory.display import Named
from scoring_theory.reward import Reward

_COLUMNS = ("title", "formula", "kind", "proper", "critical_weight")
CATALOGUE: Mapping[str, Entry] = Named(
    "CATALOGUE",
    {
        entry.key: entry
        for entry in (
            *scores.SCORE_ENTRIES,
            *rewards.REWARD_ENTRIES,
            *published.PUBLISHED_ENTRIES,
            *improper.IMPROPER_ENTRIES,
        )
    },
    columns=_COLUMNS,
)


def of_kind(kind: Kind) -> Mapping[str, Entry]:
    """The entries of one kind.

    Example:
        >>> list(of_kind("reward"))[:2]
        ['overconfidence', 'underconfidence']
    """
    entries = {key: entry for key, entry in CATALOGUE.items() if entry.kind == kind}
    return Named(f"of_kind({kind!r})", entries, columns=_COLUMNS)


SCORES, REWARDS = of_kind("score"), of_kind("reward")
PUBLISHED, IMPROPER = of_kind("published"), of_kind("improper")

__all__ = [
    "CATALOGUE",
    "IMPROPER",
    "PUBLISHED",
    "REWARDS",
    "SCORES",
    "Entry",
    "Kind",
    "binary",
    "brier",
    "correctness",
    "log",
    "of_kind",
    "rlcr",
    "spherical",
]
binary: Reward
brier: Reward
correctness: Reward
log: Reward
rlcr: Reward
spherical: Reward


def __getattr__(name: str) -> Any:
    """An entry by its key; `correctness` is another name of the binary reward, as in c + lam S."""
    entry = CATALOGUE.get("binary" if name == "correctness" else name)
    if entry is None:
        raise AttributeError(
            f"module {__name__!r} has no attribute {name!r}, and no entry has this key"
        )
    value = entry if entry.domains else entry()
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *CATALOGUE, "correctness"})
