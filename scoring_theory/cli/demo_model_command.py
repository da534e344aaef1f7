"""`scoring-theory demo-model`: a small language model that can be trained on a processor."""

from __future__ import annotations

import argparse
from pathlib import Path

from scoring_theory.cli import paths
from scoring_theory.cli.parser import CommandDefinition, number_of

_FILES = (
    "chat_template.jinja",
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    parser.add_argument(
        "folder",
        metavar="DIR",
        type=lambda text: paths.folder(text, _FILES),
        help="the folder for the model and its tokenizer",
    )
    parser.add_argument(
        "--seed", type=number_of(int, 0), default=0, metavar="N", help="random seed (0)"
    )
    paths.add_writing(parser)


def _run(options: argparse.Namespace) -> int:
    """Make the model, and write it.

    Raises:
        ModuleNotFoundError: torch or transformers is not installed; the message says how to install
            them.
    """
    from scoring_theory.cli.terminal import working
    from scoring_theory.demo_model import make_demo_model

    folder = Path(options.folder.name)
    with (
        paths.announced([folder / name for name in _FILES], quiet=options.quiet),
        working("training the model on its format", quiet=options.quiet),
    ):
        make_demo_model(folder, seed=int(options.seed))
        options.folder.claim()
    return 0


DEMO_MODEL_COMMAND = CommandDefinition(
    description="""\
Make a language model of 22,000 parameters, in a minute on a processor and without a network, that a
trainer can train in a few more: it answers "yes" to every prompt in the format
<answer>yes</answer><confidence>0.7</confidence> and states any of eleven confidences alike. What
it learns, it learns from rewards. It needs torch and transformers
(pip install torch transformers).""",
    examples="""\
examples:
  scoring-theory demo-model demo-model       then GRPOTrainer(model="demo-model", ...)
  scoring-theory demo-model out/model --seed 1""",
    exit_codes={0: "the model is written"},
    add_arguments=_add_arguments,
    run=_run,
)
