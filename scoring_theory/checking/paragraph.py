r"""A paragraph for a paper: the formula, the verdict, its numbers and the theorems to cite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from proofs.kernel.formula import FormulaError, parse
from proofs.quantity import Quantity
from scoring_theory.checking.report import Report
from scoring_theory.expression.tex import name_in_tex, to_tex
from scoring_theory.verdict import Verdict

Markup = Literal["latex", "markdown"]
_PAGE = "docs/theory.md"
_BIBTEX_KEY = "scoringtheory"
_SHORT = 40  # characters of an exact number; a longer one is written with six digits


def paragraph(report: Report, markup: Markup) -> str:
    r"""What `check` found as one paragraph of LaTeX or Markdown.

    Theorems are those of docs/theory.md. In LaTeX they are cited as
    `\cite[Theorem~8]{scoringtheory}`, whose entry is in docs/references.bib; the package amsmath is
    needed. In Markdown they are links.

    Args:
        report: the result of `check`.
        markup: "latex" or "markdown".

    Raises:
        ValueError: another markup is asked for.

    Example:
        >>> from scoring_theory import check
        >>> print(paragraph(check("c - (q - c)^2"), "markdown"))  # doctest: +ELLIPSIS
        Let $R(q, c) = c - (q - c)^{2}$ be the reward of an answer ... $R$ is strictly proper:...
    """
    if markup not in ("latex", "markdown"):
        raise ValueError(f"the markup is latex or markdown, got {markup!r}")
    sentences = [_subject(report), *_reporting(report, markup)]
    if not report.forecast:
        sentences += [*_accuracy(report, markup), *_numbers(report, markup)]
    sentences += _elsewhere(report, markup)
    sentences.append(_evidence(report, markup))
    return " ".join(sentences)


def _cited(number: int, markup: Markup) -> str:
    if markup == "latex":
        return rf"\cite[Theorem~{number}]{{{_BIBTEX_KEY}}}"
    return f"([Theorem {number}]({_PAGE}#theorem-{number}))"


def _plain(text: str, markup: Markup) -> str:
    """Words of a report, with the characters that LaTeX reserves."""
    if markup == "markdown":
        return text.replace("*", r"\*").replace("_", r"\_")
    special = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
    return "".join(special.get(c, rf"\{c}" if c in "#$%&_{}" else c) for c in text)


def _subject(report: Report) -> str:
    domains = report.reward.parameters
    given = [_maths(_domain(name, text)) for name, text in domains.items()]
    event = (
        "a forecast $q$ of an event ($c = 1$ if it happens and $c = 0$ otherwise)"
        if report.forecast
        else "an answer with stated confidence $q$ and outcome $c$ ($1$ if the answer is correct"
        " and $0$ otherwise)"
    )
    formula = to_tex(report.reward.formula)
    what = "score" if report.about_reporting else "reward"
    return (
        f"Let $R(q, c) = {formula}$ be the {what} of {event}"
        f"{', with ' + ' and '.join(given) if given else ''}."
    )


def _domain(name: str, text: str) -> str:
    signs = {"<=": r"\le", ">=": r"\ge"}
    words = [name_in_tex(w) if w == name else signs.get(w, w) for w in text.split()]
    return " ".join(words)


def _maths(text: str) -> str:
    return f"${text}$"


def _number(text: str, report: Report) -> str:
    """An exact number of a report in LaTeX."""
    if text in ("inf", "-inf"):
        return text.replace("inf", r"\infty")
    try:
        return to_tex(parse(text, list(report.reward.domains), variables=()))
    except FormulaError:
        return text


def _equal(symbol: str, quantity: Quantity, report: Report) -> str:
    """`symbol = value`, or its first digits where the exact number is long."""
    long = quantity.equation is not None or len(quantity.exact) > _SHORT
    if long and quantity.value == quantity.value:
        return rf"${symbol} \approx {quantity.value:.6g}$"
    return f"${symbol} = {_number(quantity.exact, report)}$"


def _reporting(report: Report, markup: Markup) -> Iterator[str]:
    proper, strict = report.proper, report.strictly_proper
    if proper.status == "proved" and strict.status == "proved":
        yield (
            f"$R$ is strictly proper: the true {'' if report.forecast else 'success '}probability"
            f" $p$ is the only {'forecast' if report.forecast else 'confidence'} that maximises the"
            f" expected reward {_cited(3, markup)}."
        )
    elif proper.status == "proved":
        ties = {
            "refuted": "proper but not strictly proper: truthful reporting is optimal, with ties",
            "undecided": "proper; whether it is strictly proper is undecided",
        }[strict.status]
        yield f"$R$ is {ties} {_cited(3, markup)}."
    elif proper.status == "refuted":
        yield f"$R$ is not proper{_by_misreport(proper, report)}."
    else:
        yield "Whether $R$ is proper is undecided."


def _by_misreport(verdict: Verdict, report: Report) -> str:
    seen = verdict.witness or {}
    if not {"p", "q", "honest_pays", "other_pays"} <= seen.keys():
        return ""
    at = _values(seen, report)
    p, q, honest, other = (
        _number(seen[key], report) for key in ("p", "q", "honest_pays", "other_pays")
    )
    return (
        f": at {at}$p = {p}$, the report $q = {q}$ has expected reward ${other}$, the truthful"
        f" report ${honest}$"
    )


def _values(seen: Mapping[str, str], report: Report) -> str:
    """The values of the parameters in a counterexample."""
    named = [name for name in report.reward.parameters if name in seen]
    return "".join(f"${name_in_tex(name)} = {_number(seen[name], report)}$, " for name in named)


def _accuracy(report: Report, markup: Markup) -> Iterator[str]:
    joint, margin = report.jointly_optimal, report.accuracy_margin
    known = "" if margin is None else f" {_equal('m', margin, report)}"
    if joint.status == "proved":
        yield (
            "It is jointly optimal: among any finite set of answers, the most probable one,"
            " reported with its true probability, maximises the expected reward, since the accuracy"
            f" margin"
            f"{known} is not negative {_cited(7, markup)}."
        )
    elif joint.status == "refuted" and report.proper.status == "proved":
        free = bool(report.reward.free_parameters)
        yield (
            f"It is not jointly optimal{' for all parameters' if free else ''}: the accuracy margin"
            f" $m = R(0^+, 1) - R(0, 0)$ is{' sometimes' if free else ''} negative"
            f"{f',{known}' if known else ''} {_cited(7, markup)}."
        )
    elif joint.status == "refuted":
        yield "It is not jointly optimal."
    else:
        yield "Whether it is jointly optimal is undecided."
    local, total = report.local_failure_below, report.global_failure_below
    if local is not None and total is not None and joint.status == "refuted":
        yield (
            f"The expected reward decreases with accuracy below"
            f" {_equal('p_1', local, report)}, and below {_equal('p_2', total, report)} a"
            f" deliberately wrong answer with $q = 0$ earns more than a truthful report"
            f" {_cited(18, markup)}."
        )


def _numbers(report: Report, markup: Markup) -> Iterator[str]:
    weight = report.critical_weight
    if weight is not None:
        free = report.weight_parameter
        score = "" if free else f" with $S = {report.score}$" if report.score else ""
        symbol = name_in_tex(free) if free else r"\lambda"
        if weight.exact == "inf":
            bound = rf"for every ${symbol} \ge 0$"
        elif weight.exact == "0":
            bound = f"for no ${symbol} > 0$"
        else:
            star = _equal(rf"{symbol}^\ast", weight, report)
            bound = rf"for $0 \le {symbol} \le {symbol}^\ast$, where {star}"
        whole = "$R$ has the form" if free else "The sum"
        which = ", which" if free else score
        yield f"{whole} $c + {symbol} S${which} is jointly optimal {bound} {_cited(8, markup)}."
    if report.range is not None:
        low, high = (
            _number(end.exact, report) if len(end.exact) <= _SHORT else f"{end.value:.6g}"
            for end in report.range
        )
        yield f"The rewards lie between ${low}$ and ${high}$."


def _elsewhere(report: Report, markup: Markup) -> Iterator[str]:
    """The verdicts in a setting or under a trainer, in the words of the report."""
    for setting in report.settings:
        told = ", ".join(f"{name} {v.status}" for name, v in setting.verdicts.items())
        yield _plain(f"With {setting.name}: {told}.", markup)
    if report.training is not None:
        yield _plain(f"In training: {report.training.headline()}.", markup)


def _evidence(report: Report, markup: Markup) -> str:
    tool = r"\texttt{scoring-theory}" if markup == "latex" else "`scoring-theory`"
    cite = rf"~\cite{{{_BIBTEX_KEY}}}" if markup == "latex" else ""
    if not report.certificates:
        return f"The reward was examined with {tool}{cite}."
    return (
        f"Proofs and counterexamples were found by {tool}{cite} and verified in exact arithmetic by"
        " its kernel."
    )
