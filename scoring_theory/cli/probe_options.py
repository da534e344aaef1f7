"""`check --python` and `check --config`: a reward function, and the configuration it runs under."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from scoring_theory.cli import inputs, paths
from scoring_theory.cli.parser import UsageError, number_of

if TYPE_CHECKING:
    from scoring_theory.checking import Report
    from scoring_theory.configs import ConfigReading
    from scoring_theory.probing import Probe

_FRAMEWORKS = ("trl", "verl", "openrlhf", "verifiers")
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
    """The options of `check` about training: those of the configuration, unless they are given.

    Raises:
        UsageError: an estimator is given as well.
    """
    if reading is None:
        return training
    if "estimator" in training:
        raise UsageError("--config says what the estimator is: leave out --estimator")
    return {**reading.options(), **training}


def run_probe(options: argparse.Namespace, training: dict[str, Any]) -> int:
    """Probe the functions, print what was found, and return the exit code."""
    from scoring_theory.cli.terminal import print_json, print_report, working

    reading = configuration(options)
    weights: Any = None if options.weights is None else options.weights.split(",")
    if weights is None and reading is not None and reading.weights is not None:
        weights = reading.weights
    with working("calling the function, and searching for a proof", quiet=options.quiet):
        found = _probed(options, weights, trained_by(reading, training), reading)
    if options.json:
        config = None if reading is None else reading.to_json()
        print_json({**found.to_json(), "config": config})
    elif options.paragraph:
        from scoring_theory.probing.summary import probe_markdown

        if options.paragraph != "markdown":
            raise UsageError("--python has a summary as --markdown, not as --latex")
        print(probe_markdown(found, reading))
    else:
        print_report(found.text(), found.outcome())
        if reading is not None:
            print_report(f"\n{reading.text()}")
    if options.certificate:
        if found.report is None:
            raise ValueError("there is no certificate to write: no formula fits the payoffs")
        text = inputs.certificate_of(found.report)
        paths.write_text(options.certificate, text, quiet=options.quiet)
    return found.exit_code()


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
    """Print what a configuration says, without a reward; 1 if a setting changes the optimum."""
    from scoring_theory.cli.terminal import print_json, print_report

    code = 1 if reading.changes else 0
    if options.json:
        print_json(reading.to_json())
    elif options.paragraph:
        from scoring_theory.probing.summary import config_markdown

        print(config_markdown(reading))
    else:
        head = "CHANGES THE OPTIMUM OF REWARDS" if code else "KEEPS THE OPTIMUM OF REWARDS"
        outcome = "refuted" if code else "holds"
        print_report(f"{reading.source}\n{head}\n\n{reading.text()}", outcome)
    return code


def with_configuration(report: Report, reading: ConfigReading) -> dict[str, Any]:
    """The JSON of a check under a configuration."""
    return {**report.to_json(), "config": reading.to_json()}
