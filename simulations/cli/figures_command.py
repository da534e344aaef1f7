"""`scoring-theory figures`: all figures of the project, each as PDF, PNG and CSV."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from scoring_theory.cli import paths, replay_command
from scoring_theory.cli.parser import CommandDefinition
from simulations.cli import mechanism_options, replay_log, simulate_command

if TYPE_CHECKING:
    from scoring_theory.plotting import Drawn
    from scoring_theory.replaying import Replay
    from scoring_theory.reward import Reward
    from scoring_theory.rollouts import Rollouts
    from simulations.mechanisms import Trial
    from simulations.record import Record

SHOWN = {
    "binary": "c",
    "rlcr": "c-(q-c)^2",
    "c + 2*brier": "c-2(q-c)^2",
    "c + log": r"c+\log(1-|q-c|)",
    "one_sided": r"q+(1-c)\log(1-q)",
}
"""The rewards of the figures before training, by name or formula, and their mathtext."""
REGRETS = ("rlcr", "c + log")
STEMS = (
    "before-training",
    "payoffs",
    "values",
    "regret-rlcr",
    "regret-log",
    "reliability",
    "earned",
    "drift-coupled",
    "collapse-coupled",
    "drift-tabular",
    "collapse-tabular",
    "mechanisms",
)
"""The file names of the figures, without their endings."""
FILES = tuple(f"{stem}{ending}" for stem in STEMS for ending in paths.FIGURE_ENDINGS)


def add_figures_arguments(parser: argparse.ArgumentParser, *, files: Sequence[str] = FILES) -> None:
    """Declare the arguments of a subcommand that writes `files`.

    Example:
        >>> parser = argparse.ArgumentParser()
        >>> add_figures_arguments(parser)
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
    """Evaluate the log, train the agents, draw all figures, and print the file names."""
    rollouts = replay_log.recorded_or_example()
    replayed = replay_log.replay_log(rollouts)
    run_all = partial(simulate_command.run_all, quiet=options.quiet)
    records = run_all(simulate_command.standard(short=options.short))
    trials = mechanism_options.all_trials(run_all, short=options.short)
    for path in draw_all(options.out.claim(), rollouts, replayed, records, trials):
        print(path)
    return 0


def draw_all(
    out: Path,
    rollouts: Rollouts,
    replayed: Replay,
    records: Sequence[Record],
    trials: Sequence[Trial],
) -> list[Path]:
    """Write all figures into a folder and return the paths of the PNG files."""
    before = [*draw_rewards(out), *draw_replay(out, rollouts, replayed)]
    return [
        *before,
        *draw_training(out, records),
        _save(out / "mechanisms", mechanism_options.drawing(trials)),
    ]


def draw_rewards(out: Path) -> list[Path]:
    """Draw the incentives of rewards before training, with the exact failure thresholds."""
    from scoring_theory.catalogue.words import parse_reward
    from scoring_theory.checking import check
    from scoring_theory.plotting import (
        before_training,
        payoff_curves,
        picture,
        picture_columns,
        save,
        value_curves,
    )

    rewards = {name: parse_reward(name) for name in SHOWN}
    pictures = [
        picture(reward, report=check(reward), formula=SHOWN[name])
        for name, reward in rewards.items()
    ]
    data = picture_columns(pictures)
    curves = [
        save(draw(pictures), out / name, data)[1]
        for name, draw in (
            ("before-training", before_training),
            ("payoffs", payoff_curves),
            ("values", value_curves),
        )
    ]
    return [*curves, *(_draw_regret(out, name, rewards[name]) for name in REGRETS)]


def _draw_regret(out: Path, name: str, reward: Reward) -> Path:
    """Draw the regret of each misreport: U(p, p) - U(p, q)."""
    import numpy as np

    from scoring_theory.plotting import regret_map, save

    levels = np.linspace(0, 1, 101)
    expected = reward.expected_reward(levels[:, None], levels)
    regret = expected.diagonal()[:, None] - expected
    p, q = (grid.ravel() for grid in np.meshgrid(levels, levels, indexing="ij"))
    figure = regret_map(regret, levels, name=reward.name)
    return save(
        figure,
        out / f"regret-{name.removeprefix('c + ')}",
        {"p": p, "q": q, "regret": regret.ravel()},
    )[1]


def draw_replay(out: Path, rollouts: Rollouts, replayed: Replay) -> list[Path]:
    """Draw the reliability of recorded answers and the mean reward of each method."""
    from scoring_theory.plotting import reward_chart, save

    pooled = [cell for cell in replayed.cells if cell.dataset is None]
    names = list(pooled[0].rewards)
    means = {name: {cell.method: cell.rewards[name] for cell in pooled} for name in names}
    chart = save(reward_chart(means), out / "earned", replayed.columns())[1]
    return [_save(out / "reliability", replay_command.diagrams(rollouts)), chart]


def _save(path: Path, drawn: Drawn) -> Path:
    from scoring_theory.plotting import save

    return save(drawn.figure, path, drawn.data)[1]


def draw_training(out: Path, records: Sequence[Record]) -> list[Path]:
    """Draw the training curves of each agent under each reward."""
    from simulations.figures import draw

    return [path for path in draw(records, out) if path.suffix == ".png"]


FIGURES_COMMAND = CommandDefinition(
    description="""\
Draw all figures: the incentives of rewards before training, rewards of recorded answers, training
curves, and each mechanism of drift, with and without it. Each figure is written as PDF (for
papers), PNG (for screens) and CSV (the plotted numbers); the files are identical in every run. The
replay figures use the recorded log of the RLCR authors if SCORING_THEORY_DATA names its folder, and
a synthetic example otherwise.

Files in DIR that an earlier run made are replaced; other existing files only with --force.""",
    examples="""\
examples:
  scoring-theory figures --out out
  scoring-theory figures --out out --short       few runs, for a quick preview""",
    exit_codes={0: "all figures are written"},
    add_arguments=add_figures_arguments,
    run=_run,
)
