"""The public names of a package: attributes, `dir`, `__all__` and the type stub from one table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any


@dataclass(frozen=True)
class PublicNames:
    """The public names of a package, each loaded at first use, so that the package imports fast.

    Attributes:
        package: the name of the package.
        by_room: the names that each of its modules holds.
        elsewhere: names that users may try here, with a sentence that says where to look.

    Example:
        >>> public = PublicNames("scoring_theory", {"verdict": ("Verdict",)}, {})
        >>> public.all(), public.get("Verdict").__name__
        (['Verdict'], 'Verdict')
    """

    package: str
    by_room: Mapping[str, tuple[str, ...]]
    elsewhere: Mapping[str, str]

    @property
    def homes(self) -> dict[str, str]:
        """The module of each name."""
        return {
            name: f"{self.package}.{room}" for room, names in self.by_room.items() for name in names
        }

    def rooms(self) -> set[str]:
        """The modules of the package."""
        path = import_module(self.package).__path__
        return {module.name for module in iter_modules(path) if not module.name.startswith("_")}

    def all(self) -> list[str]:
        """The package's `__all__`."""
        return sorted(self.homes)

    def dir(self) -> list[str]:
        """The package's `__dir__`."""
        return sorted({*self.homes, *self.rooms()})

    def get(self, name: str) -> Any:
        """The package's `__getattr__`.

        Raises:
            ImportError: the name is known to live elsewhere. (Python would drop the message of an
                AttributeError.)
            AttributeError: the name is unknown.
        """
        for room, names in self.by_room.items():
            if name in names:
                return getattr(import_module(f"{self.package}.{room}"), name)
        if name in self.elsewhere:
            raise ImportError(f"{self.package} has no {name!r}: {self.elsewhere[name]}")
        if not name.startswith("_") and name in self.rooms():
            return import_module(f"{self.package}.{name}")
        raise AttributeError(f"module {self.package!r} has no attribute {name!r}")

    def stub(self) -> Iterator[str]:
        """The lines of the package's `__init__.pyi`, for type checkers and editors."""
        yield '"""Written by `make names`."""'
        yield ""
        ordered = sorted(
            self.homes.items(),  # as ruff sorts imports: constants, classes, functions
            key=lambda pair: (pair[1], not pair[0].isupper(), not pair[0][0].isupper(), pair[0]),
        )
        yield from (f"from {home} import {name} as {name}" for name, home in ordered)
        yield ""
        yield "__all__: list[str]"
