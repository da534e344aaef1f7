"""`scoring-theory card`: one page about one reward, or about every reward of the catalogue."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scoring_theory.cli import inputs, paths
from scoring_theory.cli.parser import (
    CommandDefinition,
    UsageError,
    bare,
    formula,
    number_of,
)
from scoring_theory.spelling import plain_name, similar_names

if TYPE_CHECKING:
    from scoring_theory.advantage import Trainer
    from scoring_theory.cards import Card

_ENDINGS = (".html", ".md", ".pdf")


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    parser.add_argument(
        "reward",
        nargs="?",
        type=formula,
        metavar="REWARD",
        help="a name that `scoring-theory rules` lists, or a formula in q and c",
    )
    parser.add_argument(
        "-o",
        "--out",
        type=_card_file,
        metavar="FILE",
        help="the page, .html, .md or .pdf; - or nothing is Markdown on stdout",
    )
    parser.add_argument(
        "--all",
        type=_atlas_folder,
        metavar="DIR",
        help="write a page for every entry of the catalogue, and an index.html that sorts them",
    )
    inputs.add_parameters(parser)
    parser.add_argument(
        "--trainer",
        action="append",
        default=[],
        metavar="NAME",
        help="examine this trainer only, such as trl_default; may be repeated (all)",
    )
    parser.add_argument(
        "--seed", type=number_of(int, 0), default=0, metavar="N", help="random seed (0)"
    )
    paths.add_writing(parser)


def _card_file(text: str) -> paths.Target:
    target = paths.target(text)
    if not target.stream and Path(target.name).suffix.lower() not in _ENDINGS:
        raise argparse.ArgumentTypeError(
            f"expected a file that ends in {', '.join(_ENDINGS[:2])} or {_ENDINGS[2]}, or - for"
            f" Markdown on standard output, got {bare(text)!r}"
        )
    return target


def _atlas_folder(text: str) -> paths.Folder:
    from scoring_theory.catalogue import CATALOGUE

    return paths.folder(text, ["index.html", *(f"{key}.html" for key in CATALOGUE)])


def _run(options: argparse.Namespace) -> int:
    """Make one card, or all of them."""
    if (options.reward is None) == (options.all is None):
        raise UsageError("give one reward, or --all DIR for every entry of the catalogue")
    if options.all is not None:
        return _run_all(options)
    from scoring_theory.cli.terminal import progress

    trainers = _trainers(options.trainer)
    title = "checking the reward with the defaults of trainers"
    with progress(title, total=len(trainers) + 1, quiet=options.quiet) as step:
        made = _card(options, trainers, step)
    _write(made, options)
    return 0


def _trainers(names: Sequence[str]) -> Mapping[str, Trainer]:
    """The trainers of `--trainer` by name; all of them if there is none."""
    from scoring_theory.advantage import TRAINERS

    chosen = {plain_name(name): name for name in names}
    for key, name in chosen.items():
        if key not in TRAINERS:
            near = similar_names(key, list(TRAINERS), count=3)
            meant = f"; did you mean {', '.join(near)}?" if near else ""
            raise UsageError(f"no trainer is called {name!r}{meant}")
    return {key: TRAINERS[key] for key in chosen} or TRAINERS


def _card(
    options: argparse.Namespace, trainers: Mapping[str, Trainer], step: Callable[[], None]
) -> Card:
    from scoring_theory.cards import card
    from scoring_theory.catalogue.words import find
    from simulations.trained_card import with_training

    declared = inputs.parameters(options.param)
    name = options.reward.strip()
    if find(name) is None:
        if name.isidentifier() and name not in ("q", "c"):
            inputs.entry(name)  # a misspelt name, not a formula
        inputs.typed(name, declared)  # which explains an unknown name
    made = card(name, parameters=declared, trainers=trainers, step=step)
    made = with_training(made, seed=options.seed)
    step()
    if made.training is None:
        print(
            "scoring-theory: no training is shown: its payoffs cannot be trained with",
            file=sys.stderr,
        )
    return made


def _write(made: Card, options: argparse.Namespace) -> None:
    from scoring_theory.cards import card_html, card_markdown

    where = options.out or paths.target(paths.STANDARD)
    kind = "" if where.stream else Path(where.name).suffix.lower()
    if kind == ".pdf":
        from scoring_theory.files import write
        from scoring_theory.plotting.card_page import card_pdf

        with paths.announced(where.files, quiet=options.quiet):
            write(where.name, card_pdf(made))
        return
    if kind == ".html":
        from scoring_theory.plotting.card_page import card_figures

        content = card_html(made, card_figures(made))
    else:
        content = card_markdown(made)
    paths.write_text(where, content, quiet=options.quiet)


def _run_all(options: argparse.Namespace) -> int:
    from scoring_theory.cards import card_html
    from scoring_theory.cards.atlas import atlas_index
    from scoring_theory.catalogue import CATALOGUE
    from scoring_theory.cli.terminal import progress
    from scoring_theory.files import write
    from scoring_theory.plotting.card_page import card_figures
    from simulations.trained_card import atlas_cards

    kinds = {key: entry.kind for key, entry in CATALOGUE.items()}
    single = {"--param": options.param, "--out": options.out, "--trainer": options.trainer}
    for name, given in single.items():
        if given:
            raise UsageError(f"{name} is for one reward; --all writes every entry as it is")
    folder, cards = options.all.claim(), []
    with progress("making the cards", total=len(CATALOGUE), quiet=options.quiet) as step:
        for made in atlas_cards(seed=options.seed):
            cards.append(made)
            write(folder / f"{made.key}.html", card_html(made, card_figures(made)))
            step()
    with paths.announced([folder / "index.html"], quiet=options.quiet):
        write(folder / "index.html", atlas_index(cards, kinds))
    return 0


CARD_COMMAND = CommandDefinition(
    description="""\
Make a card: one page with everything that is known about one reward. It has the formula, the
source, each claim with a proof or a counterexample, the thresholds, the expected reward V(p), what
the default settings of each known trainer do to it, a short simulated training, and how to cite it.

REWARD is a name of the catalogue or a formula. A score, such as brier, does not reward correctness;
its thresholds, trainers and training are those of c + S. The pages need no network; HTML fits
phones and paper, in a light and a dark look. The same command writes the same bytes.""",
    examples="""\
examples:
  scoring-theory card rlcr                              Markdown on stdout
  scoring-theory card rlcr -o rlcr.html
  scoring-theory card "c - 2*(q - c)^2" -o mine.pdf
  scoring-theory card "c - lam*(q - c)^2" --param lam=0.5 -o mine.md
  scoring-theory card --all out/atlas                   every entry, with an index""",
    exit_codes={0: "the card is written, whatever its verdict"},
    add_arguments=_add_arguments,
    run=_run,
)
