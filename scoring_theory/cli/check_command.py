"""`scoring-theory check`: a formula in, a verdict out."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from fractions import Fraction
from textwrap import fill, indent
from typing import TYPE_CHECKING, Any

from scoring_theory.advantage import ESTIMATORS, TRAINERS
from scoring_theory.cli import inputs, paths
from scoring_theory.cli.parser import UsageError, formula, number_of, require_one

if TYPE_CHECKING:
    from proofs.kernel.formula import Domain
    from scoring_theory.checking import Report
    from scoring_theory.reward import Reward

_WAYS = ("formula", "rule", "value", "density")
_TRAINING = ("estimator", "outcomes", "group_size", "missing", "malformed", "clip", "keep", "bias")
DESCRIPTION = """\
Does this reward make an agent both right and honest? The answer is a proof, or a counterexample
in numbers that you can put in by hand, or an honest "undecided". Never a sample.

A formula is written in q, the stated confidence, and c, 1 if the answer is correct and 0 if it is
wrong. It may use + - * / ^, log exp sqrt abs min max clip beta_cdf, comparisons, `x if condition
else y`, parameters that you declare, and names that `scoring-theory rules` lists.

What a trainer follows is the reward's advantage. With --estimator the verdict is about that: dividing
by a group's standard deviation, as several trainers do by default, changes what pays."""
EXAMPLES = """\
examples:
  scoring-theory check "c - (q - c)**2"                               RLCR
  scoring-theory check "c - lam*(q - c)**2" --param "0 < lam <= 1"    every weight at once
  scoring-theory check "c - lam*(q - c)**2" --param lam=0.5
  scoring-theory check "c + 0.5*spherical"                            names are words
  scoring-theory check --rule power --param alpha=3                   a family of the catalogue
  scoring-theory check --value "p^2"                                  from what honesty earns (Savage)
  scoring-theory check --density 2 --atom 0=1                         from threshold weights (Schervish)
  scoring-theory check "c + log(1 - abs(q - c))" --json               one object, for programs
  scoring-theory check "c - (q - c)**2" --certificate proof.json      for scoring-theory verify
  scoring-theory check "c - (q - c)**2" --estimator trl_default --outcomes by_answer --missing 0
  scoring-theory check "c - (q - c)**2" --estimator grpo --bias 0.05  how large must groups be?
  scoring-theory check "c - (q - c)**2" --estimator rlcr --keep 0 1   groups with a negative mean are dropped
  scoring-theory check --component correct:1:c --component "brier:1:-(q - c)^2" --estimator gdpo

estimators, and the advantage A_i that each makes of rollout i's reward r_i among r_1..r_G:
{estimators}
frameworks and papers, with their defaults:
{trainers}

exit code: 0 the reward makes an agent right and honest (strictly proper and jointly optimal;
--allow-weak accepts ties), 1 refuted, 2 bad input, 3 undecided.""".format(
    estimators="\n".join(f"  {name:<15}{one.formula}" for name, one in ESTIMATORS.items()),
    trainers=indent(fill(" ".join(TRAINERS), 95), "  "),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    parser.add_argument(
        "formula", nargs="?", type=formula, metavar="FORMULA", help="a reward in q and c"
    )
    parser.add_argument(
        "--rule", metavar="NAME", help="an entry of the catalogue, instead of a formula"
    )
    parser.add_argument(
        "--value", metavar="V", type=formula, help="a convex V(p), what honesty earns, in p"
    )
    parser.add_argument(
        "--density", metavar="W", type=formula, help="a threshold density w(t) >= 0, in t"
    )
    parser.add_argument(
        "--atom",
        action="append",
        default=[],
        metavar="T=MASS",
        help="with --density: MASS of the bet (c - T)*(q > T)",
    )
    inputs.add_parameters(parser)
    parser.add_argument(
        "--allow-weak", action="store_true", help="accept ties: proper, though not strictly"
    )
    parser.add_argument(
        "--certificate", metavar="FILE", type=paths.target, help="write the proof, as JSON"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    paths.add_writing(parser)
    _add_training(parser)


def _add_training(parser: argparse.ArgumentParser) -> None:
    training = parser.add_argument_group("the training")
    training.add_argument(
        "--estimator", metavar="NAME", help="an estimator, or a framework with its defaults"
    )
    training.add_argument(
        "--outcomes", metavar="MODEL", help="independent (the default), by_answer or shared"
    )
    training.add_argument(
        "--group-size", type=number_of(int, 2), metavar="G", help="rollouts for each question"
    )
    training.add_argument(
        "--missing",
        type=formula,
        metavar="PAYOFF|refuse",
        help=(
            "what a completion without a confidence earns, a formula in c; or nan; or refuse, if"
            " there is none"
        ),
    )
    training.add_argument(
        "--malformed", type=formula, metavar="PAYOFF", help="what a format gate pays; or nan"
    )
    training.add_argument(
        "--clip", nargs=2, metavar=("LOW", "HIGH"), help="rewards are clipped to this range"
    )
    training.add_argument(
        "--keep", nargs=2, metavar=("LOW", "HIGH"), help="groups with a mean outside are dropped"
    )
    training.add_argument(
        "--component", action="append", default=[], type=formula, metavar="NAME:WEIGHT:FORMULA",
        help="a part of the reward; may be repeated, and then FORMULA may be left out",
    )  # fmt: skip
    training.add_argument(
        "--bias",
        type=number_of(float, 0, 1),
        metavar="B",
        help="tell how large groups keep stable reports within B of p",
    )
    training.add_argument(
        "--figure",
        metavar="PATH",
        type=paths.figure,
        help="draw what stating q earns, before and after the trainer",
    )


def run(options: argparse.Namespace) -> int:
    """Check one reward; the exit code is the verdict."""
    from scoring_theory.cli.terminal import print_json, print_report, working

    with working("searching for a proof or a counterexample", quiet=options.quiet):
        report = _report(options)
        proof = inputs.certificate_of(report) if options.certificate else ""
    if options.json:
        print_json(report.to_json(allow_weak=options.allow_weak))
    else:
        print_report("\n".join([report.text(allow_weak=options.allow_weak), *_repairs(report)]))
    if options.certificate:
        paths.write_text(options.certificate, proof, quiet=options.quiet)
    if options.figure:
        _draw(report, options)
    return int(report.exit_code(allow_weak=options.allow_weak))


def _report(options: argparse.Namespace) -> Report:
    """The check of the formula as typed, which is what its certificates then speak of."""
    from scoring_theory.checking import check

    declared, training = inputs.parameters(options.param), _training(options)
    if training.get("components") and all(getattr(options, way) is None for way in _WAYS):
        return check(inputs.total(training["components"]), **training)
    require_one(options, _WAYS, "check")
    if options.atom and options.density is None:
        raise UsageError("--atom goes with --density; a reward of atoms alone has --density 0")
    if options.formula is None:
        return check(_built(options, declared), **training)
    inputs.typed(options.formula, declared)  # complains of parameters that do not occur
    return check(options.formula, parameters=declared, **training)


def _training(options: argparse.Namespace) -> dict[str, Any]:
    """What was said about the training, as `check` takes it; nothing at all where nothing was said."""
    given = {
        name: getattr(options, name) for name in _TRAINING if getattr(options, name) is not None
    }
    if given.get("missing") == inputs.REFUSE:
        del given["missing"]
    if options.component:
        given["components"] = inputs.components(options.component)
    if options.figure and "estimator" not in given:
        raise UsageError("--figure draws what an estimator does: give --estimator")
    if given.keys() <= {"outcomes"} and given:
        raise UsageError("--outcomes goes with --estimator; a reward alone has no group")
    return given


def _draw(report: Report, options: argparse.Namespace) -> None:
    """The two curves, as PDF, PNG and CSV."""
    from scoring_theory.plotting import (
        Drawn,
        advantage_columns,
        advantage_curves,
        advantage_pictures,
    )

    pictures = advantage_pictures(report)
    drawn = Drawn(advantage_curves(pictures), advantage_columns(pictures))
    paths.save_figure(drawn, options.figure, quiet=options.quiet)


def _built(options: argparse.Namespace, declared: Mapping[str, Domain]) -> Reward:
    """A reward that was not typed as a formula in q and c."""
    if options.rule is not None:
        return inputs.named(options.rule, declared)
    from scoring_theory.reward import Reward

    if options.value is not None:
        return Reward.from_value(options.value, name="", **declared)
    atoms: dict[str | float | Fraction, float | Fraction] = {}
    for text in options.atom:
        threshold, _, mass = text.partition("=")
        try:
            at, share = str(Fraction(threshold)), Fraction(mass)
        except (ValueError, ZeroDivisionError):
            raise UsageError(
                f"an atom is a threshold and a mass, such as 1/2=0.3, got {text!r}"
            ) from None
        if at in atoms:
            raise UsageError(f"the atom at {at} is given twice")
        atoms[at] = share
    return Reward.from_density(options.density, atoms=atoms, name="", **declared)


def _repairs(report: Report) -> list[str]:
    """One line where a reward is refuted: that a safe one is near, and the simplest of them where that is quick."""
    unsafe = "refuted" in (report.proper.status, report.jointly_optimal.status)
    if not unsafe or report.reward.free_parameters:
        return []
    near = None
    weight = report.critical_weight
    if (
        weight is not None and weight.value > 0
    ):  # else no weight is safe, and there is no reason to load the tools
        from scoring_theory.designing.repair import scaled

        near = scaled(report)
    shown = "" if near is None else f"{near.reward.text} is safe ({near.change}); "
    return [f"  {'repair':<18} {shown}`scoring-theory repair` finds the closest safe reward"]
