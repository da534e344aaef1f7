"""probe(function) -> Probe: what a reward function pays, the formula of it, and the verdict."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from scoring_theory.advantage.trainers import as_fraction, as_trainer, require_outcomes
from scoring_theory.checking import Report, check
from scoring_theory.probing.cases import QuestionKind, cases_of, scouts, worlds
from scoring_theory.probing.child import MEGABYTES, SECONDS, Job, Located, called, name_of
from scoring_theory.probing.defects import Defect, DefectKind, Unread
from scoring_theory.probing.formulas import Formula, formula_of, other_scale, weighted
from scoring_theory.probing.loopholes import Loopholes
from scoring_theory.probing.partial_credit import partial_credit
from scoring_theory.probing.remarks import not_understood, remarks_on
from scoring_theory.probing.result import Probe
from scoring_theory.probing.seen import Seen, payoff_text, quoted
from scoring_theory.probing.tables import table_defects
from scoring_theory.readers import Reader, ReaderLike, as_reader, written_forms
from scoring_theory.spelling import framework_name

if TYPE_CHECKING:
    from scoring_theory.checking.setting import Property

PROBED_FRAMEWORKS = ("trl", "verl", "openrlhf", "verifiers")
FunctionLike = str | Callable[..., Any]


def probe(
    function: FunctionLike | Sequence[FunctionLike],
    *,
    framework: str = "trl",
    reader: ReaderLike = "tags",
    weights: Sequence[float | Fraction | str] | None = None,
    truth: Any = None,
    right: str | None = None,
    wrong: str | None = None,
    columns: Mapping[str, Any] | None = None,
    seconds: int = SECONDS,
    megabytes: int = MEGABYTES,
    **options: Any,
) -> Probe:
    """Call a reward function on completions with every confidence, and check what it pays.

    The completions have right and wrong answers, with confidences from 0 to 1 written in the format
    of the reader, with unreadable ones, and with none. Where a reader accepts several forms, such
    as 85 and 85%, the first is taken that the function reads, and a remark names those that it does
    not read. A function that pays every completion alike has not understood them, and the result is
    undecided. If a formula R(q, c) with simple numbers
    fits every payoff, the verdict is that of `check` for the formula; it is proved for the formula,
    and probed, not proved, for the function. Otherwise only the payoffs that were seen are
    compared.

    A function of a file runs in a child process with limits of time and memory (on Windows of time
    alone); the file is executed there. It is called for one completion at a time, so that a
    function that compares the completions of a batch is not seen as such.

    Args:
        function: "FILE.py:NAME", or a Python function, which is called in this process without
            limits; several of them are added with `weights`, as trainers do.
        framework: whose signature it has: "trl", "verl", "openrlhf" or "verifiers". Columns of the
            dataset with usual names (answer, solution, ground_truth, ...) hold the truth.
        reader: the format of the completions.
        weights: of several functions; 1 each if not given.
        truth: what the framework passes as the truth; by default several kinds are tried.
        right: with `truth`, a right answer; by default the truth itself.
        wrong: with `truth`, a wrong answer.
        columns: further columns or arguments that the function wants, by name.
        seconds: the limit of time.
        megabytes: the limit of memory.
        options: of `check`: `estimator`, `outcomes`, `group_size`, `allow_weak`, ...

    Raises:
        ProbeError: the function cannot be loaded or called, or it reached a limit.
        ValueError: an option is outside its domain.

    Example:
        >>> def brier(completions, answer, **columns):
        ...     from scoring_theory import READERS
        ...     said = [READERS["tags"].read(text) for text in completions]
        ...     right = [float(one.answer == known) for one, known in zip(said, answer)]
        ...     return [
        ...         0.0 if one.confidence is None else c - 2 * (one.confidence - c) ** 2
        ...         for one, c in zip(said, right)
        ...     ]
        >>> found = probe(brier)
        >>> found.formula, found.outcome()
        ('c - 2*(q - c)^2', 'refuted')
        >>> [defect.kind for defect in found.defects]
        ['accuracy', 'missing']
    """
    framework = framework_name(framework, PROBED_FRAMEWORKS)
    given = [function] if isinstance(function, str) or callable(function) else list(function)
    if not given:
        raise ValueError("give at least one function")
    functions = [Located.parse(each) if isinstance(each, str) else each for each in given]
    shares = _weights(weights, len(functions))
    format_ = as_reader(reader)
    tried = worlds(format_, _own_world(truth, right, wrong, format_))
    cases = [cases_of(format_, world, form) for form in written_forms(format_) for world in tried]
    job = Job(
        framework,
        [{"cases": [case.described() for case in each], "scouts": scouts(each)} for each in cases],
        dict(columns or {}),
        seconds,
        megabytes,
    )
    answers = called(functions, job)
    seen = Seen(
        tuple(map(name_of, functions)),
        framework,
        format_,
        shares,
        cases[answers.world],
        answers.first,
        answers.second,
        tuple(answers.nameless),
    )
    limits = "time and memory" if answers.limited else "time"
    return _judged(seen, options, limits if isinstance(functions[0], Located) else "none")


def _weights(given: Sequence[float | Fraction | str] | None, count: int) -> list[Fraction]:
    if given is None:
        return [Fraction(1)] * count
    if len(given) != count:
        raise ValueError(f"give one weight for each function: {count}, got {len(given)}")
    return [as_fraction("weights", weight) for weight in given]


def _own_world(
    truth: Any, right: str | None, wrong: str | None, reader: Reader
) -> QuestionKind | None:
    if truth is None:
        if right is not None or wrong is not None:
            raise ValueError("`right` and `wrong` need `truth`")
        return None
    if wrong is None:
        raise ValueError("`truth` needs `wrong`, an answer that is wrong")
    if not reader.reads_answers:
        return QuestionKind("Does the event happen?", truth, truth, wrong)
    return QuestionKind("What is the answer?", truth, str(truth) if right is None else right, wrong)


def _judged(seen: Seen, options: Mapping[str, Any], limits: str) -> Probe:
    """The verdicts on the payoffs that were seen."""
    formula = formula_of(seen)
    report: Report | None = None
    defects: list[Defect] = []
    unread: list[Unread] = []
    remarks = [*not_understood(seen)]
    understood = not remarks
    if understood:
        report = None if formula.text is None else _checked(seen, formula, options)
        defects, unread = _defects(seen, formula, report, options)
        remarks = [*remarks_on(seen, formula)]
    if understood and seen.reader.reads_answers:
        graded, remark = partial_credit(seen, formula.text)
        defects += [] if graded is None else [graded]
        remarks += [remark] if remark else []
    return Probe(
        functions=tuple(seen.names),
        framework=seen.framework,
        reader=seen.reader,
        weights=tuple(seen.weights),
        levels=tuple(seen.levels),
        on_correct=tuple(seen.on_correct),
        on_wrong=tuple(seen.on_wrong),
        formula=formula.text,
        parts=formula.parts,
        report=report,
        defects=tuple(defects),
        unread=tuple(unread),
        remarks=tuple(remarks),
        limits=limits,
        grid=formula.grid,
        understood=understood,
    )


def _defects(
    seen: Seen, formula: Formula, report: Report | None, options: Mapping[str, Any]
) -> tuple[list[Defect], list[Unread]]:
    """What is wrong with the payoffs, and what unreadable completions earn."""
    defects = [*_not_numbers(seen)]
    if report is None:
        defects += table_defects(seen, allow_weak=bool(options.get("allow_weak")))
    else:
        defects += _refuted(seen, formula, report)
    trained = None if report is None else report.training
    kept = "left out" if seen.framework == "trl" else "poison"
    trainer = as_trainer("none", unreadable=kept) if trained is None else trained.trainer
    outcomes = require_outcomes(str(options.get("outcomes") or "independent"))
    loopholes = Loopholes(seen, report, trainer, outcomes)
    return [*defects, *loopholes.defects], loopholes.unread


def _checked(seen: Seen, formula: Formula, options: Mapping[str, Any]) -> Report:
    """The check of the formula; several functions are the components of its training."""
    chosen = dict(options)
    text = formula.text or ""
    if formula.grid is not None and chosen.get("grid") is None:
        chosen["grid"] = formula.grid
    if not seen.reader.reads_answers:
        chosen["forecast"] = True
    summed = weighted(seen.weights, formula.parts) if formula.parts else None
    if summed is not None and chosen.get("estimator") is not None:
        text = summed
        chosen["components"] = [
            (f"function {at}", weight, part)
            for at, (weight, part) in enumerate(zip(seen.weights, formula.parts, strict=True), 1)
        ]
    return check(text, **chosen)


def _not_numbers(seen: Seen) -> Iterator[Defect]:
    """Payoffs of readable completions that are no numbers, and those that are not determined."""
    for case, paid in seen.rows("stated"):
        if isinstance(paid, str):
            yield Defect("raises", f"it {paid} for {quoted(case)}, which is readable")
            break
        if paid is None or math.isnan(paid):
            yield Defect(
                "nan", f"it returns {payoff_text(paid)} for {quoted(case)}, which is readable"
            )
            break
    for case, one, other in zip(seen.cases, seen.paid, seen.again, strict=True):
        same = one == other or (
            isinstance(one, float) and math.isnan(one) and payoff_text(other) == "nan"
        )
        if not same:
            told = (
                f"asked twice about {quoted(case)}, it paid {payoff_text(one)} and"
                f" {payoff_text(other)}: it is no function of the completion"
            )
            yield Defect("random", told)
            break


def _refuted(seen: Seen, formula: Formula, report: Report) -> Iterator[Defect]:
    """A defect for each refuted verdict on the formula."""
    proper, strict, joint = (report.verdict(name) for name in _PROPERTIES)
    if proper.status == "refuted":
        scale = other_scale(seen)
        if scale:
            yield Defect("scale", scale)
        else:
            yield Defect(_or_sum(formula, "improper"), proper.reason)
    elif strict.status == "refuted" and not report.allow_weak:
        yield Defect("tie", strict.reason)
    about_answers = seen.reader.reads_answers and not report.forecast and report.claim is None
    if proper.status != "refuted" and joint.status == "refuted" and about_answers:
        yield Defect(_or_sum(formula, "accuracy"), joint.reason)
    known = {"honest": proper, "accurate": joint}
    for name, verdict in {} if report.training is None else report.training.verdicts.items():
        refuted_before = name in known and known[name].status == "refuted"
        if verdict.status == "refuted" and not refuted_before:
            yield Defect("training", f"{_TRAINED.get(name, name)}: {verdict.reason}")


_TRAINED = {
    "honest": "truthful reporting",
    "accurate": "answer accuracy",
    "regularised": "KL in the reward",
}
_PROPERTIES: Sequence[Property] = ("proper", "strictly proper", "jointly optimal")


def _or_sum(formula: Formula, kind: DefectKind) -> DefectKind:
    """The kind "sum", where no single function has the defect that all of them have together."""
    if not formula.parts or any(part is None for part in formula.parts):
        return kind
    alone = [check(part) for part in formula.parts if part is not None]
    fine = all(
        part.proper.status == "proved"
        and (part.kind != "reward" or part.jointly_optimal.status == "proved")
        for part in alone
    )
    return "sum" if fine else kind
