"""`check --python` and `check --config`: a reward function, and the configuration it runs under."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from scoring_theory.cli import inputs, paths
from scoring_theory.cli.parser import UsageError, number_of

if TYPE_CHECKING:
    from scoring_theory.checking import Report
    from scoring_theory.configs import ConfigReading
    from scoring_theory.probing import Probe

_FRAMEWORKS = ("trl", "verl", "openrlhf", "verifiers")
_HEADS = {
    "refuted": "CHANGES THE OPTIMUM OF REWARDS",
    "undecided": "UNDECIDED: SETTINGS THAT MAY CHANGE THE OPTIMUM OF REWARDS WERE NOT READ",
    "holds": "KEEPS THE OPTIMUM OF REWARDS",
}
TWO_ESTIMATORS = "--config says what the estimator is: leave out --estimator"
"""What is said where `--estimator` is given beside `--config`."""
_OF_FUNCTIONS = ("reader", "weights", "truth", "right", "wrong", "column", "timeout")


def add_probing(parser: argparse.ArgumentParser) -> None:
    """Declare the options about reward functions and configurations.

    Example:
        >>> parser = argparse.ArgumentParser()
        >>> add_probing(parser)
        >>> parser.parse_args(["--python", "mine.py:reward"]).python
        ['mine.py:reward']
    """
    probing = parser.add_argument_group("reward function and configuration")
    probing.add_argument(
        "--python",
        action="append",
        default=[],
        metavar="FILE.py:NAME",
        help=(
            "instead of FORMULA: call this function in a child process, with every confidence, and"
            " check what it pays; repeat it for several functions that are added"
        ),
    )
    probing.add_argument(
        "--framework",
        type=inputs.framework(*_FRAMEWORKS),
        choices=_FRAMEWORKS,
        help="whose signature the function has (trl), and of --config",
    )
    inputs.add_reader(parser, "the format that the function reads")
    probing.add_argument(
        "--weights", metavar="LIST", help="the weights of several functions: 1,0.5 (1 each)"
    )
    probing.add_argument(
        "--truth", metavar="TEXT", help="the truth of the question (several kinds are tried)"
    )
    probing.add_argument("--right", metavar="TEXT", help="with --truth: a right answer (the truth)")
    probing.add_argument("--wrong", metavar="TEXT", help="with --truth: a wrong answer")
    probing.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a further column or argument that the function wants; may be repeated",
    )
    probing.add_argument(
        "--timeout",
        type=number_of(int, 1, 3600),
        metavar="SECONDS",
        help="stop the function after this time (60)",
    )
    probing.add_argument(
        "--config",
        type=paths.file,
        metavar="FILE",
        help=(
            "the configuration of TRL, verl or OpenRLHF, a YAML file or a script with the launch"
            " command: which settings change the optimum; alone, or with a reward to check"
        ),
    )
    probing.add_argument(
        "--framework-version",
        metavar="VERSION",
        help="the release of TRL whose defaults hold for what --config does not state",
    )


def require_functions(options: argparse.Namespace) -> None:
    """Refuse options about functions where no function is given.

    Raises:
        UsageError: there is no `--python`.
    """
    for name in () if options.python else _OF_FUNCTIONS:
        if getattr(options, name):
            raise UsageError(f"--{name} is about a reward function: give --python FILE.py:NAME")
    if options.framework and not (options.python or options.config):
        raise UsageError("--framework needs --python or --config")
    if options.framework == "verifiers" and not options.python:
        raise UsageError(
            "--framework verifiers has no configuration that is read: give trl, verl or openrlhf"
        )
    if options.framework_version and not options.config:
        raise UsageError("--framework-version needs --config")


def configuration(options: argparse.Namespace) -> ConfigReading | None:
    """What `--config` says, if it is given."""
    if options.config is None:
        return None
    from scoring_theory.configs import CONFIG_FRAMEWORKS, read_config

    framework = options.framework if options.framework in CONFIG_FRAMEWORKS else None
    return read_config(options.config.name, framework=framework, version=options.framework_version)


def trained_by(reading: ConfigReading | None, training: dict[str, Any]) -> dict[str, Any]:
    """The options of `check` about training: those of the configuration, and those that are given.

    Raises:
        UsageError: an estimator is given as well, or what the configuration says otherwise.
    """
    if reading is None:
        return training
    if "estimator" in training:
        raise UsageError(TWO_ESTIMATORS)
    if "prior" in training and not (training.get("kl") or reading.trainer.kl):
        raise UsageError(f"--prior needs --kl: {reading.source} has no KL penalty in the reward")
    given = [weight for _, weight, _ in training.get("components", ())]
    if given and "credit" not in training and reading.weights not in (None, tuple(given)):
        raise UsageError(
            f"the weights of --component, {_listed(given)}, contradict those of {reading.source},"
            f" {_listed(reading.weights or ())}: give the same in both places"
        )
    _require_same(reading, training)
    return {**reading.options(), **training}


def _require_same(reading: ConfigReading, training: Mapping[str, Any]) -> None:
    """Refuse options that say something else than the configuration does."""
    from scoring_theory.advantage.trainers import as_fraction, as_trainer

    for name in ("group_size", "clip", "keep", "keep_outcomes", "advantage_clip", "kl"):
        stated = getattr(reading.trainer, name)
        if name not in training or stated in (None, 0, "all"):
            continue
        if as_trainer(reading.trainer, **{name: training[name]}) != reading.trainer:
            raise UsageError(_contradiction(name, training[name], reading, stated))
    factor, given = reading.truncated, training.get("truncated")
    if None not in (factor, given) and as_fraction("truncated", given) != factor:
        raise UsageError(_contradiction("truncated", given, reading, factor))


def _contradiction(name: str, given: Any, reading: ConfigReading, stated: Any) -> str:
    told, known = (
        " ".join(map(str, each)) if isinstance(each, list | tuple) else str(each)
        for each in (given, stated)
    )
    return (
        f"--{name.replace('_', '-')} {told} contradicts {reading.source}, by which it is {known}:"
        " change it there, or leave out the option"
    )


def run_probe(options: argparse.Namespace, training: dict[str, Any]) -> int:
    """Probe the functions, print what was found, and return the exit code."""
    from scoring_theory.cli.terminal import print_json, print_report, working

    if options.paragraph == "latex":
        raise UsageError("--python has a summary as --markdown, not as --latex")
    reading = configuration(options)
    weights = _weights(options, reading)
    with working("calling the function, and searching for a proof", quiet=options.quiet):
        found = _probed(options, weights, trained_by(reading, training), reading)
    if options.json:
        config = None if reading is None else reading.to_json()
        print_json({**found.to_json(), "config": config})
    elif options.paragraph:
        from scoring_theory.probing.summary import probe_markdown

        print(probe_markdown(found, reading))
    else:
        print_report(found.text(), found.outcome())
        print_beside(options, reading)
    if options.certificate:
        if found.report is None:
            why = "no formula fits the payoffs" if found.understood else "nothing was understood"
            raise ValueError(f"there is no certificate to write: {why}")
        text = inputs.certificate_of(found.report)
        paths.write_text(options.certificate, text, quiet=options.quiet)
    return exit_code(found.exit_code(), reading)


def _weights(options: argparse.Namespace, reading: ConfigReading | None) -> Any:
    """The weights of the functions, which the configuration and `--weights` must agree on."""
    given = None if options.weights is None else options.weights.split(",")
    if reading is None:
        return given
    count, stated = len(options.python), reading.weights
    if stated is not None and len(stated) != count:
        functions = "function" if count == 1 else "functions"
        raise UsageError(
            f"{reading.source} has weights of rewards, {_listed(stated)}, one for each function,"
            f" and --python gives {count} {functions}"
        )
    if given is None or len(given) != count:  # `probe` says how many there must be
        return stated if given is None else given
    if stated is None and reading.framework == "trl":
        stated = (Fraction(1),) * count
    from scoring_theory.advantage.trainers import as_fraction

    exact = [as_fraction("weights", each) for each in given]
    if stated is not None and exact != list(stated):
        told = f"are {_listed(stated)}" if reading.weights else "are 1 each, as it states none"
        raise UsageError(
            f"--weights {_listed(exact)} contradicts {reading.source}, whose weights {told}: state"
            " the same in both places, or leave out --weights"
        )
    return given


def _listed(weights: Sequence[Fraction]) -> str:
    return ",".join(f"{float(weight):g}" for weight in weights)


def _probed(
    options: argparse.Namespace,
    weights: Any,
    training: dict[str, Any],
    reading: ConfigReading | None,
) -> Probe:
    from scoring_theory.probing import probe
    from scoring_theory.probing.child import SECONDS

    framework = options.framework or (None if reading is None else reading.framework) or "trl"
    for name in ("missing", "malformed", "components"):
        if name in training:
            raise UsageError(f"--{name.rstrip('s')} is what --python finds out: leave it out")
    return probe(
        options.python,
        framework=framework,
        reader=options.reader or "tags",
        weights=weights,
        truth=options.truth,
        right=options.right,
        wrong=options.wrong,
        columns=dict(map(_column, options.column)),
        seconds=options.timeout or SECONDS,
        **training,
    )


def _column(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip().isidentifier():
        raise UsageError(f"--column takes NAME=VALUE, got {text!r:.80}")
    try:
        return name.strip(), json.loads(value)
    except ValueError:
        return name.strip(), value


def print_configuration(options: argparse.Namespace, reading: ConfigReading) -> int:
    """Print what a configuration says, without a reward, and return the exit code.

    Args:
        options: how it is printed.
        reading: what it says: 1 if a setting changes the optimum, 3 if one may that is unclear.
    """
    from scoring_theory.checking.report import EXIT_CODES
    from scoring_theory.cli.terminal import print_json, print_report

    outcome = reading.outcome()
    if options.json:
        print_json(reading.to_json())
    elif options.paragraph:
        from scoring_theory.probing.summary import config_markdown

        print(config_markdown(reading))
    else:
        partly = ", AS FAR AS IT WAS READ" if reading.not_read else ""
        head = f"{_HEADS[outcome]}{partly if outcome == 'holds' else ''}"
        print_report(f"{reading.source}\n{head}\n\n{reading.text()}", outcome)
    return EXIT_CODES[outcome]


def print_beside(options: argparse.Namespace, reading: ConfigReading | None) -> None:
    """Print what a configuration says below the verdict on a reward, unless that is in LaTeX."""
    from scoring_theory.cli.terminal import print_report

    if reading is None or options.paragraph == "latex":
        return
    if options.paragraph:
        from scoring_theory.probing.summary import config_markdown

        print(f"\n{config_markdown(reading)}")
        return
    print_report(f"\n{reading.text()}")


def exit_code(code: int, reading: ConfigReading | None) -> int:
    """The exit code of a verdict: undecided, if it holds under a part of the configuration only.

    Args:
        code: the exit code without the configuration.
        reading: what the configuration says.

    Example:
        >>> from scoring_theory.configs import read_trl
        >>> misplaced = {"scale_rewards": "none", "trainer": {"beta": 0.5}}
        >>> exit_code(0, read_trl(misplaced)), exit_code(0, None)
        (3, 0)
    """
    from scoring_theory.checking.report import EXIT_CODES

    return (
        EXIT_CODES["undecided"]
        if code == 0 and reading is not None and reading.is_unclear
        else code
    )


def with_configuration(report: Report, reading: ConfigReading) -> dict[str, Any]:
    """The JSON of a check under a configuration."""
    return {**report.to_json(), "config": reading.to_json()}
