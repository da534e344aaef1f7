"""`scoring-theory check`: the verdict on a reward, with a proof or a counterexample."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from fractions import Fraction
from textwrap import fill, indent
from typing import TYPE_CHECKING, Any

from scoring_theory.cli import inputs, paths, probe_options
from scoring_theory.cli.parser import CommandDefinition, UsageError, formula, number_of, require_one

if TYPE_CHECKING:
    from proofs.kernel.formula import Domain
    from scoring_theory.checking import Report
    from scoring_theory.configs import ConfigReading
    from scoring_theory.reward import Reward

_NOT_CERTIFIED = (
    "the certificate is about the reward alone: the verdict under the trainer is decided by"
    " theorems and in interval arithmetic, and has no certificate"
)
_WAYS = ("formula", "rule", "value", "density")
_CLAIMS = ("claim", "allow_weak", "forecast")
_SETTINGS = (
    "graded", "grades", "false_positive", "false_negative", "errors_by_answer", "abstain", "grid",
    "schedule", "difficulty",
)  # fmt: skip
_TRAINING = (
    "estimator", "outcomes", "group_size", "missing", "malformed", "clip", "keep", "keep_outcomes",
    "advantage_clip", "kl", "prior", "truncated", "bias", "credit", "select",
)  # fmt: skip
_EXAMPLES = """\
examples:
  scoring-theory check "c - (q - c)**2"                               RLCR
  scoring-theory check "c - lam*(q - c)**2" --param "0 < lam <= 1"    all weights in an interval
  scoring-theory check "c - lam*(q - c)**2" --param lam=0.5
  scoring-theory check "c + 0.5*spherical"                            a name of the catalogue
  scoring-theory check "1 - (q - c)^2"                                a score, judged as a score
  scoring-theory check "1 - (q - c)^2" --forecast                     c is an event, such as rain
  scoring-theory check "c + log" --claim strictly-proper              one claim decides
  scoring-theory check "c - (q - c)^2" --graded                       partial credit
  scoring-theory check "c - (q - c)^2" --false-positive 0.1           a verifier with errors
  scoring-theory check "2*c - 1" --abstain 0                          "I don't know" earns 0
  scoring-theory check "c - (q - c)^2 - L/10" --model-chooses "0 <= L <= 1"
  scoring-theory check "c + log/5" --grid 0.01,0.02,...,0.99          only these can be stated
  scoring-theory check "c - lam*(q - c)^2" --param "lam >= 0" --schedule "lam = 2*t, 0 <= t <= 1"
  scoring-theory check --rule power --param alpha=3                   a family of the catalogue
  scoring-theory check --value "p^2"                                  Savage: expected score V(p)
  scoring-theory check --density 2 --atom 0=1                         Schervish: threshold weights
  scoring-theory check "c + log(1 - abs(q - c))" --json               one JSON object
  scoring-theory check "reward = correct - (conf - correct)**2"       as in code, or in LaTeX
  scoring-theory check "c - (q - c)**2" --latex                       a paragraph for a paper
  scoring-theory check --batch rewards.txt                            one formula per line
  scoring-theory check "c - (q - c)**2" --certificate proof.json      for scoring-theory verify
  scoring-theory check "c - (q - c)**2" --certificate - | scoring-theory verify -
  scoring-theory check "c - (q - c)**2" --estimator trl_default --outcomes by_answer --missing 0
  scoring-theory check "c - (q - c)**2" --estimator grpo --bias 0.05   smallest group size
  scoring-theory check "c - (q - c)**2" --estimator rlcr --keep 0 1    with group filtering
  scoring-theory check "c - (q - c)**2" --estimator verl --keep-outcomes mixed
  scoring-theory check "c - (q - c)**2" --estimator trl_rloo --prior "Beta(8,2)"   KL in the reward
  scoring-theory check "c - (q - c)**2" --select best --group-size 8
  scoring-theory check --credit separate --answer-reward c --confidence-reward "-(q - c)^2"
  scoring-theory check --component correct:1:c --component "brier:1:-(q - c)^2" --estimator gdpo
  scoring-theory check --python my_reward.py:reward --framework trl    a function, called in a child
  scoring-theory check --python a.py:f --python b.py:g --weights 1,0.5 --config grpo.yaml
  scoring-theory check --config run_grpo.sh                            a configuration alone

advantage estimators: the advantage A_i of rollout i, from the rewards r_1..r_G of its group:
{estimators}

frameworks and papers whose defaults --estimator knows by name:
{trainers}"""


def _examples() -> str:
    """The end of the help page; its lists are read only when somebody asks for them."""
    from scoring_theory.advantage import ESTIMATORS, TRAINERS

    return _EXAMPLES.format(
        estimators="\n".join(
            f"  {name:<18}{estimator.formula}" for name, estimator in ESTIMATORS.items()
        ),
        trainers=indent(fill(" ".join(TRAINERS), 78), "  "),
    )


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    parser.add_argument(
        "formula", nargs="?", type=formula, metavar="FORMULA", help="a reward in q and c"
    )
    parser.add_argument("--rule", metavar="NAME", help="a catalogue entry, instead of FORMULA")
    parser.add_argument(
        "--value",
        metavar="V",
        type=formula,
        help="the expected score under truthful reporting, a convex function of p",
    )
    parser.add_argument(
        "--density",
        metavar="W",
        type=formula,
        help="the Schervish weight w(t) >= 0 of decision threshold t",
    )
    parser.add_argument(
        "--atom",
        action="append",
        default=[],
        metavar="T=MASS",
        help="with --density: a point mass MASS at threshold T; may be repeated",
    )
    inputs.add_parameters(parser)
    parser.add_argument(
        "--claim",
        choices=("proper", "strictly-proper", "jointly-optimal", "trained"),
        help=(
            "the claim that decides the exit code; by default strictly-proper for a score, which"
            " does not reward correctness, and strictly proper and jointly optimal for a reward"
        ),
    )
    parser.add_argument(
        "--forecast",
        action="store_true",
        help="c is an event that nobody chooses: the claim is strict properness",
    )
    parser.add_argument(
        "--allow-weak", action="store_true", help="accept ties: proper but not strictly proper"
    )
    parser.add_argument(
        "--batch",
        type=paths.source,
        metavar="FILE",
        help="check every line of FILE (- is standard input): FORMULA, or NAME: FORMULA",
    )
    paths.add_certificate(parser)
    paths.add_json(parser)
    markups = parser.add_mutually_exclusive_group()
    for markup in ("latex", "markdown"):
        markups.add_argument(
            f"--{markup}",
            dest="paragraph",
            action="store_const",
            const=markup,
            help=f"print a paragraph for a paper, as {markup.replace('latex', 'LaTeX')}",
        )
    paths.add_writing(parser)
    _add_settings(parser)
    _add_training(parser)
    probe_options.add_probing(parser)


def _add_settings(parser: argparse.ArgumentParser) -> None:
    settings = parser.add_argument_group("settings")
    settings.add_argument(
        "--graded", action="store_true", help="c is a score in [0, 1], and q states its mean"
    )
    settings.add_argument("--grades", metavar="LIST", help="the scores that occur, such as 0,1/2,1")
    settings.add_argument(
        "--false-positive",
        metavar="A",
        help="P(accepted | wrong) of the verifier: a number, or a domain such as '0 <= a <= 0.1'",
    )
    settings.add_argument(
        "--false-negative", metavar="B", help="P(rejected | correct) of the verifier, the same"
    )
    settings.add_argument(
        "--errors-by-answer", action="store_true", help="the rates may differ between answers"
    )
    settings.add_argument(
        "--abstain",
        type=formula,
        metavar="PAYOFF",
        help="the reward of giving no answer: for which p it is larger than that of an answer",
    )
    settings.add_argument(
        "--model-chooses",
        action="append",
        default=[],
        metavar="DOMAIN",
        help="a quantity that the model chooses, such as '0 <= L <= 1'; may be repeated",
    )
    settings.add_argument(
        "--grid",
        metavar="LEVELS",
        help="the confidences that can be stated: 0,0.1,...,1 or 0..100 for whole percents",
    )
    settings.add_argument(
        "--schedule",
        metavar="TEXT",
        help="a parameter that moves during training: 'lam = 2*t, 0 <= t <= 1'",
    )
    settings.add_argument(
        "--difficulty",
        metavar="LAW",
        help="with --schedule: the law of p over questions, uniform (default) or 'beta(2, 2)'",
    )


def _add_training(parser: argparse.ArgumentParser) -> None:
    training = parser.add_argument_group("trainer")
    training.add_argument(
        "--estimator",
        metavar="NAME",
        help="an advantage estimator, or a framework with its defaults",
    )
    training.add_argument(
        "--outcomes",
        metavar="MODEL",
        help=(
            "how correctness is correlated within a group: independent (default), by_answer or"
            " shared"
        ),
    )
    training.add_argument(
        "--group-size", type=number_of(int, 2), metavar="G", help="number of rollouts per question"
    )
    training.add_argument(
        "--missing",
        type=formula,
        metavar="PAYOFF|refuse",
        help=(
            "reward of a completion without a confidence: a formula in c; nan if the trainer"
            " excludes it; refuse (default) if there are no such completions"
        ),
    )
    training.add_argument(
        "--malformed",
        type=formula,
        metavar="PAYOFF",
        help="reward of a completion that fails the format check; nan if it is excluded",
    )
    training.add_argument(
        "--clip", nargs=2, metavar=("LOW", "HIGH"), help="clip rewards to this range"
    )
    training.add_argument(
        "--keep",
        nargs=2,
        metavar=("LOW", "HIGH"),
        help="drop groups whose mean reward is outside (group filtering)",
    )
    training.add_argument(
        "--keep-outcomes",
        choices=("all", "mixed"),
        help="mixed: drop groups whose rollouts are all correct or all wrong",
    )
    training.add_argument(
        "--advantage-clip", nargs=2, metavar=("LOW", "HIGH"), help="clip advantages to this range"
    )
    training.add_argument(
        "--kl",
        metavar="BETA",
        help="BETA times the KL divergence from a reference policy is subtracted from the reward",
    )
    training.add_argument(
        "--prior",
        metavar="PRIOR",
        help="the confidences of the reference policy: uniform (default) or Beta(a,b)",
    )
    training.add_argument(
        "--truncated",
        metavar="FACTOR",
        help="the reward of a truncated completion is multiplied by FACTOR, from 0 to 1",
    )
    _add_credit(training.add_argument)
    training.add_argument(
        "--bias",
        type=number_of(float, 0, 1),
        metavar="B",
        help="report the smallest group size that keeps stable confidences within B of p",
    )
    training.add_argument(
        "--figure",
        metavar="PATH",
        type=paths.figure,
        help="plot the gain from stating q, in reward and in advantage: PATH.pdf, .png, .csv",
    )


def _add_credit(add: Callable[..., argparse.Action]) -> None:
    """Which tokens and which rollouts are paid for what."""
    add(
        "--credit",
        choices=("separate",),
        help=(
            "answer tokens are trained on --answer-reward, confidence tokens on --confidence-reward"
        ),
    )
    for tokens in ("answer", "confidence"):
        add(
            f"--{tokens}-reward",
            type=formula,
            metavar="FORMULA",
            help=f"with --credit separate: the reward of the {tokens} tokens",
        )
    add(
        "--select",
        choices=("best",),
        help="only the rollout with the largest reward of --group-size is reinforced",
    )
    add(
        "--confidence-first",
        action="store_true",
        help="the confidence is stated before the answer",
    )
    add(
        "--component", action="append", default=[], type=formula, metavar="NAME:WEIGHT:FORMULA",
        help="a component of the reward; may be repeated; without FORMULA, the reward is the sum",
    )  # fmt: skip


def _run(options: argparse.Namespace) -> int:
    """Check one reward, or every line of a file; the exit code is the (worst) verdict."""
    from scoring_theory.cli.terminal import print_json, print_report, working

    probe_options.require_functions(options)
    if options.batch:
        return _run_batch(options)
    if options.json and options.paragraph:
        raise UsageError(f"give only one of --json and --{options.paragraph}")
    if options.python:
        return _run_python(options)
    reading = probe_options.configuration(options)
    if reading is not None and not _names_a_reward(options):
        _require_unused(options)
        return probe_options.print_configuration(options, reading)
    with working("searching for a proof or a counterexample", quiet=options.quiet):
        report = _report(options, reading)
        proof = inputs.certificate_of(report) if options.certificate else ""
    if options.json:
        print_json(
            report.to_json()
            if reading is None
            else probe_options.with_configuration(report, reading)
        )
    elif options.paragraph:
        from scoring_theory.checking.paragraph import paragraph

        print(paragraph(report, options.paragraph))
        probe_options.print_beside(options, reading)
    else:
        rows = [*_repairs(report), *_hints(report)]
        print_report("\n".join([report.text(), *rows]), report.outcome())
        probe_options.print_beside(options, reading)
    if options.certificate:
        paths.write_text(options.certificate, proof, quiet=options.quiet)
        if report.training is not None and not options.quiet:
            print(_NOT_CERTIFIED, file=sys.stderr)
    if options.figure:
        _draw(report, options)
    return probe_options.exit_code(report.exit_code(), reading)


def _names_a_reward(options: argparse.Namespace) -> bool:
    ways = (*_WAYS, "credit")
    return bool(options.component) or any(getattr(options, way) is not None for way in ways)


def _require_unused(options: argparse.Namespace) -> None:
    """Refuse options about a reward where a configuration is read alone."""
    asked = (
        *_CLAIMS, *_SETTINGS, *_TRAINING, "param", "atom", "certificate", "figure", "model_chooses",
        "answer_reward", "confidence_reward", "confidence_first",
    )  # fmt: skip
    if options.estimator is not None:
        raise UsageError(probe_options.TWO_ESTIMATORS)
    for name in asked:
        if getattr(options, name) not in (None, False, []):
            flag = name.replace("_", "-")
            raise UsageError(
                f"--{flag} is about a reward: give one beside --config, or leave it out"
            )
    if options.paragraph == "latex":
        raise UsageError("--config has a summary as --markdown, not as --latex")


def _run_python(options: argparse.Namespace) -> int:
    """Probe functions instead of checking a formula."""
    if options.param or options.atom or _names_a_reward(options):
        raise UsageError("--python takes the place of a formula and of its parameters")
    if options.figure:
        raise UsageError("--figure draws a formula: give the one that --python finds")
    asked = {name: getattr(options, name) for name in (*_CLAIMS, *_SETTINGS)}
    asked |= {"model_chooses": options.model_chooses, **_training(options)}
    return probe_options.run_probe(
        options, {name: value for name, value in asked.items() if value not in (None, False, [])}
    )


def _run_batch(options: argparse.Namespace) -> int:
    """Check every line of a file with the options of this call."""
    from scoring_theory.catalogue.words import occurring
    from scoring_theory.checking import check
    from scoring_theory.cli.batch import batch_lines, print_batch

    if options.python or options.atom or any(getattr(options, way) is not None for way in _WAYS):
        raise UsageError("--batch checks the lines of a file: give no formula beside it")
    for name in ("paragraph", "certificate", "config", "figure"):
        if getattr(options, name) is not None:
            flag = options.paragraph if name == "paragraph" else name
            raise UsageError(f"--{flag} is about one reward: leave it out beside --batch")
    declared, asked = inputs.parameters(options.param), _training(options)
    asked |= {name: getattr(options, name) for name in (*_CLAIMS, *_SETTINGS)}
    chosen = dict(zip(inputs.parameters(options.model_chooses), options.model_chooses, strict=True))

    def checked(text: str) -> Report:
        used = occurring(text, {**declared, **chosen})
        return check(
            text,
            parameters={name: declared[name] for name in declared if name in used},
            model_chooses=[choice for name, choice in chosen.items() if name in used],
            **asked,
        )

    return print_batch(batch_lines(options.batch.read()), checked, as_json=options.json)


def _report(options: argparse.Namespace, reading: ConfigReading | None) -> Report:
    """The check of the formula as it was typed, so that certificates contain the same text."""
    from scoring_theory.catalogue.words import find
    from scoring_theory.checking import check

    declared = inputs.parameters(options.param)
    training = probe_options.trained_by(reading, _training(options))
    if options.claim == "trained" and not training:
        raise UsageError("--claim trained is about a trainer: give --estimator")
    training |= {name: getattr(options, name) for name in (*_CLAIMS, *_SETTINGS)}
    training["model_chooses"] = options.model_chooses
    if training.get("components") and all(getattr(options, way) is None for way in _WAYS):
        return check(inputs.weighted_sum(training["components"]), **training)
    require_one(options, _WAYS, "check")
    if options.atom and options.density is None:
        raise UsageError("--atom needs --density; for point masses alone give --density 0")
    if options.formula is None:
        entry = find(options.rule) if options.rule else None
        if entry is not None and entry.abstain and options.abstain is None:
            training["abstain"] = entry.abstain
        return check(_built(options, declared), **training)
    chosen = inputs.parameters(options.model_chooses)
    inputs.typed(options.formula, {**declared, **chosen})  # raises if a parameter does not occur
    return check(options.formula, parameters=declared, **training)


def _training(options: argparse.Namespace) -> dict[str, Any]:
    """The keyword arguments of `check` for the options that were given; otherwise empty."""
    given = {
        name: getattr(options, name) for name in _TRAINING if getattr(options, name) is not None
    }
    if given.get("missing") == inputs.REFUSE:
        del given["missing"]
    if options.component:
        given["components"] = inputs.components(options.component)
    rewards = [options.answer_reward, options.confidence_reward]
    if options.credit is None and any(rewards):
        raise UsageError("--answer-reward and --confidence-reward need --credit separate")
    if options.credit is not None:
        if not all(rewards) or options.component:
            raise UsageError("--credit separate needs --answer-reward and --confidence-reward")
        given["components"] = inputs.components(
            [
                f"{name}:1:{text}"
                for name, text in zip(("answer", "confidence"), rewards, strict=True)
            ]
        )
    if options.select is not None and options.group_size is None:
        raise UsageError("--select needs --group-size, the number of rollouts to choose from")
    if options.confidence_first:
        given["confidence_first"] = True
    if options.config is not None:
        return given  # it says what the estimator is
    if options.figure and "estimator" not in given:
        raise UsageError("--figure plots the effect of an estimator: give --estimator")
    if given.keys() <= {"outcomes", "confidence_first"} and "outcomes" in given:
        raise UsageError("--outcomes needs --estimator: without a trainer there are no groups")
    if "prior" in given and "kl" not in given and not _penalised(options.estimator):
        raise UsageError("--prior needs --kl, or an --estimator with a KL penalty in the reward")
    return given


def _penalised(estimator: str | None) -> bool:
    """Whether a trainer has a KL penalty in the reward by default."""
    from scoring_theory.advantage.trainers import as_trainer

    return estimator is not None and as_trainer(estimator).kl > 0


def _draw(report: Report, options: argparse.Namespace) -> None:
    """Save the gains in reward and in advantage as PDF, PNG and CSV."""
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
    """The reward of --rule, --value or --density."""
    if options.rule is not None:
        return inputs.named(options.rule, declared)
    from scoring_theory.reward import Reward

    if options.value is not None:
        return Reward.from_value(options.value, name="", **declared)
    atoms: dict[str | float | Fraction, float | Fraction] = {}
    for text in options.atom:
        threshold, _, mass = text.partition("=")
        try:
            place, weight = str(Fraction(threshold)), Fraction(mass)
        except (ValueError, ZeroDivisionError):
            raise UsageError(
                f"--atom takes a threshold and a mass, such as 1/2=0.3, got {text!r}"
            ) from None
        if place in atoms:
            raise UsageError(f"the atom at {place} is given twice")
        atoms[place] = weight
    return Reward.from_density(options.density, atoms=atoms, name="", **declared)


def _repairs(report: Report) -> list[str]:
    """For a refuted reward, one line about `repair`, with the simplest safe reward if it is quick.

    A smaller weight beside correctness is quick to find; where no positive weight is safe, the
    tools of `repair` are not even loaded.
    """
    decisive = (report.proper, *(() if report.about_reporting else (report.jointly_optimal,)))
    if report.holds or not any(verdict.status == "refuted" for verdict in decisive):
        return []
    if report.reward.free_parameters or not _repairable(report):
        return []
    safe = None
    weight = report.critical_weight
    if weight is not None and weight.value > 0:
        from scoring_theory.designing.repair import scaled

        safe = scaled(report)
    shown = "" if safe is None else f"{safe.reward.text} is safe ({safe.change}); "
    return [f"  {'repair':<18} {shown}`scoring-theory repair` finds the closest safe reward"]


def _hints(report: Report) -> list[str]:
    """Lines about a confidence that is scaled, such as q/10, and about a loss taken for a score."""
    from scoring_theory.expression.scales import scale_hint

    hints = [scale_hint(report.reward.formula), _loss_hint(report)]
    return [f"  {'hint':<18} {hint}" for hint in hints if hint]


def _loss_hint(report: Report) -> str:
    """A sentence if the formula is improper, and strictly proper with the other sign."""
    if not report.about_reporting or report.proper.status != "refuted" or report.training:
        return ""
    from scoring_theory.checking import check

    negated = -report.reward
    if check(negated, forecast=True).strictly_proper.status != "proved":
        return ""
    return (
        "as a loss, of which less is better, this formula is strictly proper; here more is better,"
        f" so write {negated.text}"
    )


def _repairable(report: Report) -> bool:
    """Whether `repair` works for the reward; NumPy is loaded only where that has to be measured."""
    from scoring_theory.checking.square_integrable import is_square_integrable

    known = is_square_integrable(report)
    if known is None:
        from scoring_theory.designing.repair import repairable

        known = repairable(report)
    return known


CHECK_COMMAND = CommandDefinition(
    description="""\
Decide whether a reward is strictly proper (the true success probability is the only optimal
confidence) and jointly optimal (the most likely answer with its true probability maximises the
expected reward). Each property is proved, refuted by a numerical counterexample that you can check
by hand, or undecided. Undecided means that neither a proof nor a counterexample was found; it says
nothing about the reward. Verdicts are never based on sampling.

A formula is written in q, the stated confidence, and c, the outcome: 1 if the answer is correct and
0 if it is wrong; `scoring-theory help formulas` lists the notations of papers and programs that are
understood as well. It may use + - * / ^, log exp sqrt abs min max clip beta_cdf, comparisons, `x if
condition else y`, parameters declared with --param, and names that `scoring-theory rules` lists. A
parameter is either fixed or ranges over an interval; the verdict then holds for the whole interval.

Policy-gradient trainers optimise the advantage, not the raw reward. With --estimator the verdict is
about the advantage: division by the group's standard deviation, the default of several trainers,
changes which confidences and answers are reinforced.""",
    examples=_examples,
    exit_codes={
        0: "the claim is proved (see --claim; with --allow-weak, ties are accepted)",
        1: "the claim is refuted by a counterexample",
        3: (
            "undecided: neither a proof nor a counterexample was found, or --config states what"
            " matters in a way that is not understood"
        ),
    },
    add_arguments=_add_arguments,
    run=_run,
)
