"""The files of a figure: drawing, numbers, caption, provenance; written again only if needed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from scoring_theory.display import one_line
from scoring_theory.files import write
from scoring_theory.versions import version_of

if TYPE_CHECKING:
    from scoring_theory.plotting import Format, Width
    from simulations.gallery.figure import GalleryFigure
    from simulations.gallery.study import Study

_ROOT = Path(__file__).resolve().parents[2]
_PACKAGES = ("proofs", "scoring_theory", "simulations")
_LIBRARIES = ("matplotlib", "numpy", "scipy", "numba", "tueplots")


@dataclass(frozen=True)
class Page:
    """How figures are written: the venue, the width and the formats.

    Example:
        >>> Page(venue="neurips").formats
        ('pdf', 'png')
    """

    venue: str = "icml"
    width: Width = "full"
    formats: tuple[Format, ...] = ("pdf", "png")

    __repr__ = one_line


def files_of(name: str, page: Page) -> list[str]:
    """The names of the files of a figure.

    Example:
        >>> files_of("values", Page(formats=("svg",)))
        ['values.svg', 'values.csv', 'values.tex', 'values.json']
    """
    return [f"{name}.{ending}" for ending in (*page.formats, "csv", "tex", "json")]


def write_figure(name: str, figure: GalleryFigure, study: Study, folder: Path, page: Page) -> bool:
    """Write the files of a figure, unless they are there and nothing that they depend on changed.

    The JSON file says how the figure was made, and holds a hash of all inputs (this package and its
    libraries, the page, the data) and of each file. It is written last, so that an interrupted
    figure is drawn again.

    Returns:
        Whether the files were written.
    """
    from scoring_theory.plotting import About, for_venue, save

    inputs = _inputs(name, study, page)
    if _is_there(folder, name, page, inputs):
        return False
    origin = _origin(name, figure, study, page)
    found = figure.collect(study)
    alt = figure.describe(found)
    with for_venue(page.venue):
        drawn = figure.draw(found, page.width)
        told = json.dumps(origin, ensure_ascii=False)
        about = About(figure.title, alt, told, caption=figure.caption)
        save(drawn.figure, folder / name, drawn.data, formats=page.formats, about=about)
    content = {
        "schema": 1,
        "title": figure.title,
        "alt": alt,
        "caption": figure.caption,
        **origin,
        "inputs": inputs,
        "files": {each: _hash_of(folder / each) for each in files_of(name, page)[:-1]},
    }
    write(folder / f"{name}.json", json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return True


def _origin(name: str, figure: GalleryFigure, study: Study, page: Page) -> dict[str, Any]:
    command = f"scoring-theory figures {name} --venue {page.venue} --width {page.width}"
    return {
        "program": f"scoring-theory {version_of()}",
        "command": command + (" --short" if study.short else ""),
        "formulas": dict(figure.formulas),
        "seed": figure.seed,
        "libraries": {library: version_of(library) for library in _LIBRARIES},
    }


def _inputs(name: str, study: Study, page: Page) -> str:
    """A hash of everything that the figure depends on."""
    log = "synthetic" if study.log_is_synthetic else _log_hash(study)
    parts = [
        name,
        page.venue,
        page.width,
        *page.formats,
        str(study.short),
        str(study.thorough),
        log,
        _sources(),
    ]
    parts += [version_of(library) for library in _LIBRARIES]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _log_hash(study: Study) -> str:
    from simulations.gallery.replay_log import recorded_path

    return _hash_of(recorded_path())


@cache
def _sources() -> str:
    """A hash of the sources of this package; a changed comment changes it as well."""
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for path in sorted((_ROOT / package).rglob("*.py")):
            digest.update(path.relative_to(_ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def _is_there(folder: Path, name: str, page: Page, inputs: str) -> bool:
    try:
        known = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if not isinstance(known, dict):
        return False
    files: Mapping[str, str] = known.get("files", {})
    if known.get("inputs") != inputs or sorted(files) != sorted(files_of(name, page)[:-1]):
        return False
    return all(
        (folder / each).is_file() and _hash_of(folder / each) == digest
        for each, digest in files.items()
    )


def _hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def formats_of(text: str) -> tuple[Format, ...]:
    """The formats in a text such as "pdf,svg", each once.

    Raises:
        ValueError: If one is unknown.

    Example:
        >>> formats_of("pdf,svg")
        ('pdf', 'svg')
    """
    from scoring_theory.plotting import Format

    known: Sequence[Format] = get_args(Format)
    words = list(dict.fromkeys(word.strip().lower() for word in text.split(",")))
    if unknown := [word for word in words if word not in known]:
        raise ValueError(f"a format must be one of {', '.join(known)}, got {unknown[0]!r}")
    return tuple(kind for kind in known if kind in words)
