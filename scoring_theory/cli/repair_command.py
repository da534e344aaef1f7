"""`scoring-theory repair`: the safe reward that is closest to an unsafe one."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from scoring_theory.cli import inputs, paths
from scoring_theory.cli.parser import CommandDefinition, formula, require_one

if TYPE_CHECKING:
    from scoring_theory.designing import Repair
    from scoring_theory.designing.repair import Even, Scaled


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    parser.add_argument(
        "formula", nargs="?", type=formula, metavar="FORMULA", help="a reward in q and c"
    )
    parser.add_argument("--rule", metavar="NAME", help="a catalogue entry, instead of FORMULA")
    inputs.add_parameters(parser)
    parser.add_argument(
        "--margin", default="0", metavar="M", help="lower bound of the result's accuracy margin (0)"
    )
    parser.add_argument(
        "--curvature",
        default="0",
        metavar="W",
        help="lower bound of the result's threshold weight on (0, 1) (0)",
    )
    parser.add_argument(
        "--graded",
        action="store_true",
        help="c is a score in [0, 1]: the result is affine in it (c f(q) + (1 - c) g(q))",
    )
    parser.add_argument(
        "--false-positive",
        metavar="A",
        help="the known P(accepted | wrong) of the verifier: the result is corrected for it",
    )
    parser.add_argument(
        "--false-negative", metavar="B", help="the known P(rejected | correct), the same"
    )
    paths.add_certificate(parser)
    paths.add_json(parser)
    paths.add_writing(parser)


def _run(options: argparse.Namespace) -> int:
    """Repair one reward and print the result."""
    from scoring_theory.cli.terminal import print_json, working

    require_one(options, ("formula", "rule"), "repair")
    with working("searching for the closest safe reward", quiet=options.quiet):
        done, short, simple = _repaired(options)
    if options.json:
        print_json(_to_json(done, short, simple))
    else:
        _print(done, short, simple)
    if options.certificate:
        paths.write_text(
            options.certificate, inputs.certificate_of(done.report), quiet=options.quiet
        )
    return 0


def _repaired(options: argparse.Namespace) -> tuple[Repair, Even | None, Scaled | None]:
    """The closest safe reward and, if it differs from the given one, two simpler safe rewards."""
    from scoring_theory.checking import check
    from scoring_theory.designing import repair
    from scoring_theory.designing.adaptation import Adaptation
    from scoring_theory.designing.repair import even, scaled
    from scoring_theory.thresholds import amount

    declared = inputs.parameters(options.param)
    if options.rule is not None:
        reward = inputs.named(options.rule, declared)
    else:
        reward = inputs.typed(options.formula, declared)
    setting = (options.graded, options.false_positive, options.false_negative)
    done = repair(
        reward,
        margin=options.margin,
        curvature=options.curvature,
        graded=options.graded,
        false_positive=options.false_positive,
        false_negative=options.false_negative,
    )
    if done.thresholds is None:  # the payoffs are as given, so that nothing is simpler
        return done, None, None
    adaptation = Adaptation.asked(*setting)
    start = reward if adaptation is None else adaptation.underlying(adaptation.check(reward))
    asked = amount(options.margin, "`margin`") or amount(options.curvature, "`curvature`")
    simple = None if asked else scaled(check(start))
    short = even(start, margin=options.margin, curvature=options.curvature)
    if adaptation is not None:
        short = None if short is None else replace(short, reward=adaptation.apply(short.reward))
        simple = None if simple is None else replace(simple, reward=adaptation.apply(simple.reward))
    return done, short, simple


def _print(done: Repair, short: Even | None, simple: Scaled | None) -> None:
    from scoring_theory.cli.terminal import print_report

    if not done.changed:
        print(f"{done.reward.text}\n\n  nothing to do: {done.reason}")
        return
    rows = [
        ("problem", done.reason),
        ("result", done.report.headline()),
        ("distance", f"{done.distance:.6g}; no safe reward is closer than {done.lower_bound:.6g}"),
        *(("changed" if not place else "", text) for place, text in enumerate(done.changes)),
    ]
    simpler = []
    if short is not None and (simple is None or short.reward != simple.reward):
        simpler.append(f"{short.reward.text}  (uniform thresholds; distance {short.distance:.6g})")
    if simple is not None:
        simpler.append(f"{simple.reward.text}  ({simple.change}{_distance(done, simple)})")
    rows += [("simpler" if not place else "", text) for place, text in enumerate(simpler)]
    print_report(
        "\n".join([done.reward.text, "", *(f"  {label:<18} {text}" for label, text in rows)])
    )


def _distance(done: Repair, simple: Scaled) -> str:
    """The distance of a simpler reward; not for corrected ones, whose payoffs hold the errors."""
    from scoring_theory.designing.distance import distance_squared

    if any("false_positive" in setting.data for setting in done.report.settings):
        return ""
    return f"; distance {distance_squared(done.original, simple.reward)[0] ** 0.5:.6g}"


def _to_json(done: Repair, short: Even | None, simple: Scaled | None) -> dict[str, object]:
    return {
        "schema": 1,
        "formula": done.original.text,
        "repaired": done.reward.text,
        "changed": done.changed,
        "distance": done.distance,
        "distance_squared": None if done.distance_squared is None else str(done.distance_squared),
        "lower_bound": done.lower_bound,
        "reason": done.reason,
        "changes": list(done.changes),
        "even": (
            None if short is None else {"formula": short.reward.text, "distance": short.distance}
        ),
        "simpler": (
            None
            if simple is None
            else {"formula": simple.reward.text, "weight": str(simple.weight)}
        ),
        "check": done.report.to_json(),
    }


REPAIR_COMMAND = CommandDefinition(
    description="""\
Find the safe (proper and jointly optimal) reward that is closest to a given reward: its projection
onto the mixtures of threshold bets. The distance is the root mean square difference of the rewards
over q uniform in [0, 1] and both outcomes; a constant difference does not count. The kernel proves
that the result is safe. A lower bound from duality says how close a safe reward can be at best.""",
    examples="""\
examples:
  scoring-theory repair "c - 2*(q - c)^2"
  scoring-theory repair "c - 2*(q - c)^2" --curvature 0.2      strictly proper: no ties
  scoring-theory repair "-abs(q - c)" --margin 0.1
  scoring-theory repair "c - (q - c)^2" --graded                partial credit
  scoring-theory repair "c - (q - c)^2" --false-positive 0.1    a verifier with known errors
  scoring-theory repair "c - lam*(q - c)^2" --param lam=3 --certificate proof.json""",
    exit_codes={
        0: "repaired or already safe",
        2: "invalid input, or no safe reward within finite distance; the message is on stderr",
    },
    add_arguments=_add_arguments,
    run=_run,
)
