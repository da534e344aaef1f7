"""`scoring-theory figures`: the figures of the gallery, for the page of a venue."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from scoring_theory.cli import paths
from scoring_theory.cli.parser import CommandDefinition, UsageError
from scoring_theory.spelling import similar_names
from simulations.cli import simulate_command

if TYPE_CHECKING:
    from simulations.gallery import Page, Study

STORE = ".records.sqlite"
"""The finished simulations, beside the figures."""
_STORE_FILES = (STORE, f"{STORE}-shm", f"{STORE}-wal")
_CHEAP = 5.0
"""Figures that cost fewer seconds are made without the store."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="figures to draw (all)")
    parser.add_argument("--list", action="store_true", help="print the figures and their cost")
    parser.add_argument(
        "--venue",
        action="append",
        default=[],
        metavar="VENUE",
        help="icml (default), neurips, iclr, aistats, jmlr, tmlr, beamer or slide; given twice,"
        " each venue has its own folder in DIR",
    )
    parser.add_argument(
        "--width", choices=("full", "half"), default="full", help="of the text, or of one column"
    )
    parser.add_argument(
        "--format", default="pdf,png", metavar="FORMATS", help="any of pdf, svg, png (pdf,png)"
    )
    add_folder(parser)


def add_folder(parser: argparse.ArgumentParser, *, files: Sequence[str] = ()) -> None:
    """Declare `--out`, `--short`, `--force` and `--quiet` of a subcommand that writes `files`.

    Example:
        >>> parser = argparse.ArgumentParser()
        >>> add_folder(parser)
        >>> parser.parse_args(["--out", "figs", "--short"]).out.name
        'figs'
    """
    folder = partial(paths.folder, contents=files)
    parser.add_argument(
        "--out", default="out", type=folder, metavar="DIR", help="folder of the files (out)"
    )
    parser.add_argument(
        "--short", action="store_true", help="few runs and steps, for a quick preview"
    )
    paths.add_writing(parser)


def _run(options: argparse.Namespace) -> int:
    """Draw the figures that are missing or out of date, and print the names of all."""
    if options.list:
        _print_list()
        return 0
    from simulations.gallery import FIGURES, Study, files_of

    pages = _pages(options)
    names = _names(options)
    files = [
        f"{place}{file}" for place, page in pages for name in names for file in files_of(name, page)
    ]
    out = options.out._replace(contents=[*files, *_STORE_FILES])
    out.require_free(force=options.force)
    folder = out.claim()
    costly = any(FIGURES[name].seconds > _CHEAP for name in names)
    store = folder / STORE if costly else None
    run_all = partial(simulate_command.run_all, quiet=options.quiet, store=store)
    study = Study(run_all, short=options.short)
    for place, page in pages:
        draw(names, study, folder / place, page, quiet=options.quiet)
    return 0


def draw(names: Sequence[str], study: Study, folder: Path, page: Page, *, quiet: bool) -> None:
    """Draw each figure unless it is there, and print the path of its first file."""
    from scoring_theory.cli.terminal import progress
    from simulations.gallery import FIGURES, files_of, write_figure

    for name in names:
        with progress(f"drawing {name}", quiet=quiet):
            written = write_figure(name, FIGURES[name], study, folder, page)
        print(f"{folder / files_of(name, page)[0]}{'' if written else '  (unchanged)'}")


def _names(options: argparse.Namespace) -> list[str]:
    """The figures that are asked for, or all; with --width half those that fit one column."""
    from simulations.gallery import FIGURES

    for name in options.names:
        if name not in FIGURES:
            raise UsageError(f"unknown figure {name!r}{_meant(name, FIGURES)}; --list shows all")
    names = list(dict.fromkeys(options.names)) or list(FIGURES)
    wide = [name for name in names if not FIGURES[name].half]
    if options.width == "full" or not wide:
        return names
    if options.names:
        raise UsageError(f"{wide[0]} does not fit one column; draw it with --width full")
    if not options.quiet:
        print(f"left out, since they do not fit one column: {', '.join(wide)}", file=sys.stderr)
    return [name for name in names if FIGURES[name].half]


def _meant(word: str, known: Iterable[str]) -> str:
    near = similar_names(word, list(known))
    return f" (did you mean {near[0]}?)" if near else ""


def _pages(options: argparse.Namespace) -> list[tuple[str, Page]]:
    """The folder inside of DIR and the page of each venue."""
    from scoring_theory.plotting import VENUES
    from simulations.gallery import Page
    from simulations.gallery.writing import formats_of

    venues = list(dict.fromkeys(venue.lower() for venue in options.venue)) or ["icml"]
    for venue in venues:
        if venue not in VENUES:
            meant = _meant(venue, VENUES)
            raise UsageError(f"--venue must be one of {', '.join(VENUES)}, got {venue!r}{meant}")
    try:
        formats = formats_of(options.format)
    except ValueError as error:
        raise UsageError(f"--format: {error}") from None
    pages = [Page(venue, options.width, formats) for venue in venues]
    return [(f"{page.venue}/" if len(pages) > 1 else "", page) for page in pages]


def _print_list() -> None:
    from scoring_theory.cli.terminal import print_table
    from simulations.gallery import FIGURES

    rows = [
        [name, each.title, "full, half" if each.half else "full", f"{each.seconds:g}"]
        for name, each in FIGURES.items()
    ]
    head = ["figure", "what it shows", "width", "seconds"]
    print_table(head, rows, numbers=["seconds"])


FIGURES_COMMAND = CommandDefinition(
    description="""\
Draw the figures of the gallery (docs/gallery.md), or those that are named: rewards before training,
recorded answers, training, verifiers, trainers. Sizes follow the venue; no text is below 7 points.
Beside each drawing are its numbers (CSV), a LaTeX figure with caption and alt text (TEX), and how
it was made (JSON: version, formulas, seed, command, hashes), which is in the metadata as well.

The files are identical in every run. Figures whose inputs have not changed are not drawn again, and
finished simulations are kept in DIR/.records.sqlite. The figures of a log use that of the RLCR
authors if SCORING_THEORY_DATA names its folder, and a synthetic example otherwise.

Files in DIR that an earlier run made are replaced; other existing files only with --force. Figures
of your own rewards are a few lines of Python: before_training([...]) in docs/gallery.md.""",
    examples="""\
examples:
  scoring-theory figures --list
  scoring-theory figures safe-cone sandbagging --venue neurips --out figures
  scoring-theory figures values --width half --format pdf,svg
  scoring-theory figures --venue icml --venue beamer --short""",
    exit_codes={0: "all figures are there"},
    add_arguments=_add_arguments,
    run=_run,
)
