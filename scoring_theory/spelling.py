"""Names as people write them: any capitals, hyphens and blanks, and the name that was meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

_ALIKE = 0.6  # difflib's ratio: 1 for equal words, 0 for words without a common letter
_FRAMEWORKS: Mapping[str, str] = MappingProxyType(
    {
        "prime_rl": "verifiers",
        "nemo": "nemo_gym",
        "nemo_rl": "nemo_gym",
        "miles": "slime",
        "tinker_cookbook": "tinker",
    }
)
"""Trainers whose signature is that of another one."""


def plain_name(text: str) -> str:
    """A name in the spelling of this package: lower case, with underscores.

    Example:
        >>> plain_name(" NeMo-RL "), plain_name("Reinforce++")
        ('nemo_rl', 'reinforce_plus_plus')
    """
    return "_".join(text.replace("++", "_plus_plus").replace("-", " ").lower().split())


def similar_names(word: str, known: Iterable[str], *, count: int = 1) -> list[str]:
    """The known names most similar to a word, or else those that begin with it.

    Example:
        >>> similar_names("briar", ["brier", "log"]), similar_names("sph", ["spherical"])
        (['brier'], ['spherical'])
        >>> similar_names("bogus", ["log", "brier"])
        []
    """
    from difflib import get_close_matches

    names = list(known)
    completions = [name for name in names if len(word) > 2 and name.startswith(word)]
    return (get_close_matches(word, names, n=count, cutoff=_ALIKE) or completions)[:count]


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name; empty if no known name is similar.

    Example:
        >>> did_you_mean("drgrpo", ["grpo", "dr_grpo"])
        "; did you mean 'dr_grpo'?"
        >>> did_you_mean(7, ["grpo"])
        ''
    """
    near = similar_names(plain_name(word), known) if isinstance(word, str) else []
    return f"; did you mean {near[0]!r}?" if near else ""


def framework_name(given: object, known: Iterable[str]) -> str:
    """A framework from its name, as the documentation or its own page writes it.

    Args:
        given: such as "OpenRLHF", "NeMo Gym" or "prime-rl".
        known: the names that are possible here.

    Raises:
        ValueError: none of the known frameworks has this name.

    Example:
        >>> framework_name("TRL", ["trl", "verl"]), framework_name("prime-rl", ["verifiers"])
        ('trl', 'verifiers')
        >>> framework_name("verrl", ["trl", "verl"])
        Traceback (most recent call last):
        ValueError: `framework` must be one of trl, verl, got 'verrl'; did you mean 'verl'?
    """
    names = list(known)
    name = plain_name(given) if isinstance(given, str) else ""
    for each in (name, _FRAMEWORKS.get(name, "")):
        if each in names:
            return each
    raise ValueError(
        f"`framework` must be one of {', '.join(names)}, got {given!r:.80}"
        f"{did_you_mean(given, names)}"
    )
