"""The identity of a computation: hashes of everything that a replicate depends on.

A stored result may replace a computation only if nothing that the computation depends on has
changed. Two hashes ensure this:

- The *key* of an experiment covers every field of its description, including the bytes of its
  arrays, and the payoff table. It leaves out what does not affect a replicate: the name of the
  experiment, and the number of replicates, since each has its own random stream. So 100 replicates
  are the first 100 of 200.
- The *code version* covers the source of the packages that compute (everything in `simulations`
  except scheduling, figures and gallery, and the packages of `scoring_theory` that training may
  call), the versions of the libraries for random numbers and compilation, and the type of
  processor. The code of rewards is not included: rewards act only through the payoff table. A
  changed comment also changes the code version. This costs a recomputation, but a missed change
  would give wrong results.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.reward import Reward
from scoring_theory.versions import version_of

if TYPE_CHECKING:
    from simulations.experiment import Experiment

_PACKAGE = Path(__file__).resolve().parents[1]
_ONLY_SCHEDULES_OR_DRAWS = ("sweep", "figures", "gallery")
_MAY_COMPUTE = ("advantage", "calibration")  # packages of scoring_theory
_LIBRARIES = ("numpy", "numba", "llvmlite")
# Checkpoints are included as the steps that they stand for.
_NOT_OF_ONE_REPLICATE = ("name", "replicates", "checkpoints")


def key_of(experiment: Experiment) -> str:
    """The SHA-256 of everything that a replicate depends on, except the code and its number.

    Args:
        experiment: The experiment.

    Raises:
        TypeError: If a part of the description is neither data, an array, a dataclass nor a named
            function.
        ValueError: If the payoffs of the reward cannot be used, see `Experiment.payoffs`.

    Example:
        >>> from dataclasses import replace
        >>> from simulations import standard_experiments
        >>> rlcr = standard_experiments("short")[1]
        >>> key_of(rlcr) == key_of(replace(rlcr, name="another", replicates=99))
        True
        >>> key_of(rlcr) == key_of(rlcr.with_training(learning_rate=0.5))
        False
    """
    acting = {
        f.name: getattr(experiment, f.name)
        for f in fields(experiment)
        if f.name not in _NOT_OF_ONE_REPLICATE
    }
    return _hash({**acting, "measured at": experiment.when, "payoffs": experiment.payoffs()[0]})


@cache
def code_version() -> str:
    """The SHA-256 of the code of this process: sources, library versions and type of processor.

    Example:
        >>> len(code_version())
        64
    """
    theory = _PACKAGE.parent / "scoring_theory"
    files = [file for file in _PACKAGE.rglob("*.py") if _computes(file.relative_to(_PACKAGE))]
    files += [
        file
        for room in _MAY_COMPUTE
        for file in (theory / f"{room}.py", *(theory / room).rglob("*.py"))
    ]
    sources = {
        str(f.relative_to(_PACKAGE.parent).as_posix()): f.read_bytes() for f in files if f.is_file()
    }
    libraries = {name: version_of(name) for name in _LIBRARIES}
    return _hash({"sources": sources, "libraries": libraries, "processor": platform.machine()})


def versions() -> dict[str, str]:
    """The versions of this project and of the libraries that results depend on.

    Example:
        >>> list(versions())
        ['scoring-theory', 'numpy', 'numba', 'llvmlite']
    """
    return {name: version_of(name) for name in ("scoring-theory", *_LIBRARIES)}


def _computes(file: Path) -> bool:
    return file.parts[0] not in _ONLY_SCHEDULES_OR_DRAWS and "__pycache__" not in file.parts


def _hash(value: object) -> str:
    digest = hashlib.sha256()
    for part in _parts(value):
        digest.update(part)
    return digest.hexdigest()


def _parts(value: object) -> Iterator[bytes]:
    """An injective encoding of a value as bytes.

    Every part starts with its type; a part without an end mark also has its length. Otherwise two
    different values could have the same bytes.
    """
    match value:
        case None | bool() | int() | str() | Fraction():
            yield f"{type(value).__name__}:{value!r};".encode()
        case float():
            yield f"float:{value.hex()};".encode()
        case bytes():
            yield b"bytes%d:" % len(value) + value
        case np.ndarray():
            yield (
                f"array:{value.dtype.str}{value.shape}:".encode()
                + np.ascontiguousarray(value).tobytes()
            )
        case np.generic():
            yield from _parts(value.item())
        case Mapping():
            yield from _bracketed(
                "mapping", (item for name in sorted(value) for item in (name, value[name]))
            )
        case tuple() | list():
            yield from _bracketed("sequence", iter(value))
        case Reward():  # its name and source are only labels
            domains = {name: str(domain) for name, domain in value.parameters.items()}
            yield from _bracketed("reward", iter((value.text, domains)))
        case _:
            yield from _parts_of_object(value)


def _parts_of_object(value: object) -> Iterator[bytes]:
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    name = getattr(value, "__qualname__", "<")
    if is_dataclass(value) and not isinstance(value, type):
        yield from _bracketed(
            kind, (item for f in fields(value) for item in (f.name, getattr(value, f.name)))
        )
    elif callable(value) and "<" not in name:  # neither a lambda nor a function inside a function
        yield f"function:{value.__module__}.{name};".encode()
    else:
        raise TypeError(
            "an experiment must consist of data, arrays, dataclasses and named functions, got"
            f" {value!r}"
        )


def _bracketed(kind: str, items: Iterator[object]) -> Iterator[bytes]:
    yield f"{kind}(".encode()
    for item in items:
        yield from _parts(item)
    yield b");"
