"""The result of `check`: every verdict with its reason, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from proofs.kernel.verifier import SCHEMA as CERTIFICATE_SCHEMA
from proofs.quantity import Quantity
from scoring_theory.catalogue.words import expand_names
from scoring_theory.display import line, shortened, table
from scoring_theory.optimality.critical_weight import ScoreOrReward, ScoreText
from scoring_theory.optimality.threshold_density import variable
from scoring_theory.reward import Reward
from scoring_theory.verdict import Verdict, overall

if TYPE_CHECKING:
    from scoring_theory.checking.setting import Property, Setting
    from scoring_theory.checking.trained_report import TrainedReport

REPORT_SCHEMA = 2
_SHORT = 16  # characters of an exact number that a headline can hold
_CHOSEN = frozenset(
    {
        *("L", "length", "len", "n_tokens", "tokens", "num_tokens", "response_length", "words"),
        *("steps", "n_steps", "tool_calls", "n_tools", "calls"),
    }
)
"""Names of parameters that usually stand for what a model chooses, not for what it is given."""
_NEITHER = "neither a proof nor a counterexample was found"
Outcome = Literal["holds", "refuted", "undecided"]
Claim = Literal["proper", "strictly-proper", "jointly-optimal", "trained"]
REPORT_CLAIMS: Sequence[Claim] = ("proper", "strictly-proper", "jointly-optimal", "trained")
EXIT_CODES: Mapping[Outcome, int] = {"holds": 0, "refuted": 1, "undecided": 3}


@dataclass(frozen=True)
class Report:
    """What `check` found out about a reward; see `scoring_theory.checking.check`.

    A claim is a `Verdict`: its `status` is "proved", "refuted" or "undecided" (neither a
    certificate nor a witness was found, which says nothing about the reward), with a `reason`, and
    a `witness` or a `certificate` where there is one. A number is a `Quantity`: `value` is a float,
    `exact` the exact number as text. What is not known or does not exist is None.

    Attributes:
        reward: the reward R(q, c).
        formula: its formula as typed.
        proper: whether truthful reporting is optimal: U(p, q) <= U(p, p) for all p and q.
        strictly_proper: whether no misreport has the same expected reward as the truth.
        jointly_optimal: whether, for every finite set of answers, the most probable answer with its
            true probability maximises expected reward.
        accuracy_rewarded: whether a more accurate answer, with the confidence that is best for it,
            never has a smaller expected reward (V is nondecreasing).
        accuracy_margin: m = R(0+, 1) - R(0, 0), the smallest slope of V.
        critical_weight: lam*, the largest weight at which c + lam S is jointly optimal; S is
            `score`, or what `weight_parameter` multiplies.
        local_failure_below: the success probability below which V decreases.
        global_failure_below: the success probability below which a deliberately wrong answer with
            q = 0 has a larger expected reward than a truthful one.
        range: the smallest and the largest payoff.
        threshold_density: the Schervish weight w as a formula.
        best_report: q*(p), the confidence with the largest expected reward.
        weight_parameter: the free parameter lam where the formula is c + lam S; `critical_weight`
            bounds it, in terms of the other parameters.
        score: S where no parameter multiplies it: "R" for a score, V(1) <= V(0), and "R - c" for a
            reward, V(1) > V(0).
        failure_certificate: encloses both failure thresholds between decimals of 15 digits.
        training: the verdicts on the advantages of a trainer, if one was named.
        clipped: the check of the clipped reward, where a trainer's clipping changes a payoff.
        kind: "score" if V(1) <= V(0), so that nothing rewards correctness; "reward" if V(1) > V(0);
            None where that is undecided.
        claim: the claim that was asked for, on which `holds` depends; None for the default, which
            is strict properness for a score or a forecast, and strict properness with joint
            optimality (in training too, if a trainer was named) for a reward.
        allow_weak: whether ties are accepted: properness is demanded, not strict properness.
        forecast: whether c is an event that nobody chooses, so that there are no other answers.
        settings: the verdicts in other settings, such as graded scores, that were asked for.

    Example:
        >>> from scoring_theory import check
        >>> report = check("c - 2*(q - c)^2")
        >>> report
        Report('c - 2*(q - c)^2': strictly proper, not jointly optimal)
        >>> report.jointly_optimal.status, report.jointly_optimal.witness["p_high"]
        ('refuted', '1/4')
        >>> report.accuracy_margin.exact, report.outcome(), report.exit_code()
        ('-1', 'refuted', 1)
    """

    reward: Reward
    formula: str
    proper: Verdict
    strictly_proper: Verdict
    jointly_optimal: Verdict
    accuracy_rewarded: Verdict
    accuracy_margin: Quantity | None
    critical_weight: Quantity | None
    local_failure_below: Quantity | None
    global_failure_below: Quantity | None
    range: tuple[Quantity, Quantity] | None
    threshold_density: str | None
    best_report: str | None
    weight_parameter: str | None = None
    score: ScoreText | None = None
    failure_certificate: Mapping[str, Any] | None = None
    training: TrainedReport | None = None
    clipped: Report | None = None
    kind: ScoreOrReward | None = None
    claim: Claim | None = None
    allow_weak: bool = False
    forecast: bool = False
    settings: tuple[Setting, ...] = ()

    def __bool__(self) -> bool:
        """Refuse: a refuted reward has a report as well as a proved one.

        Raises:
            TypeError: always.
        """
        raise TypeError(
            "the truth of a Report is ambiguous: use report.holds for the reward as a whole, or a"
            " single verdict such as report.proper"
        )

    @property
    def holds(self) -> bool:
        """Whether the claim that was asked for is proved.

        By default that is: the reward is strictly proper and jointly optimal, in training too; for
        a score or a forecast, strictly proper. False where it is refuted or undecided; `outcome`
        distinguishes the two.

        Example:
            >>> from scoring_theory import check
            >>> check("c - (q - c)^2").holds, check("c - 2*(q - c)^2").holds
            (True, False)
            >>> check("c - 2*(q - c)^2", claim="strictly-proper").holds
            True
        """
        return self.outcome() == "holds"

    @property
    def safe(self) -> bool:
        """Whether the reward alone is proved proper (ties accepted) and jointly optimal.

        Example:
            >>> from scoring_theory import check
            >>> check("c").safe, check("-(q - c)^2").safe  # a score does not reward correctness
            (True, False)
        """
        return bool(self.proper and self.jointly_optimal)

    @property
    def strict(self) -> bool | None:
        """Whether the reward is strictly proper; None where that is undecided."""
        return {"proved": True, "refuted": False, "undecided": None}[self.strictly_proper.status]

    @property
    def bounded(self) -> bool | None:
        """Whether both ends of the range are finite; None where the range is not known."""
        return None if self.range is None else all("inf" not in end.exact for end in self.range)

    def outcome(self) -> Outcome:
        """The claim that was asked for in one word: "holds", "refuted" or "undecided".

        Returns:
            "holds" where everything that the claim demands is proved; "refuted" where a part of it
            is refuted; "undecided" otherwise.

        Example:
            >>> from scoring_theory import check
            >>> check("c").outcome(), check("c", allow_weak=True).outcome()  # weakly proper
            ('refuted', 'holds')
        """
        status = overall(self.demanded().values())
        return "holds" if status == "proved" else status

    def demanded(self) -> dict[str, Verdict]:
        """The verdicts that must be proved for the claim that was asked for, by name.

        Example:
            >>> from scoring_theory import check
            >>> list(check("c - (q - c)^2").demanded()), list(check("-(q - c)^2").demanded())
            (['strictly proper', 'jointly optimal'], ['strictly proper'])
        """
        reporting: Property = "proper" if self.allow_weak else "strictly proper"
        trained = self._trained()
        if self.claim == "trained":
            return trained
        if self.claim == "jointly-optimal":
            return {"jointly optimal": self.verdict("jointly optimal")}
        if self.claim == "proper":
            return {"proper": self.verdict("proper")}
        demanded: dict[str, Verdict] = {reporting: self.verdict(reporting)}
        if self.claim == "strictly-proper":
            return demanded
        if not self.about_reporting:
            demanded["jointly optimal"] = self.verdict("jointly optimal")
        return {**demanded, **self._further(), **trained}

    def _further(self) -> dict[str, Verdict]:
        """What the settings demand besides."""
        return {name: v for setting in self.settings for name, v in setting.demands.items()}

    def _trained(self) -> dict[str, Verdict]:
        """The verdicts on training; where nobody chooses the answer, without that on answers."""
        if self.training is None:
            return {}
        verdicts = self.training.verdicts
        return {n: v for n, v in verdicts.items() if n != "accurate" or not self.about_reporting}

    @property
    def about_reporting(self) -> bool:
        """Whether only the stated confidence is judged, as for a score or a forecast."""
        return self.forecast or self.kind == "score"

    def verdict(self, name: Property) -> Verdict:
        """The verdict on a property, in the setting that was asked for and after clipping.

        Example:
            >>> from scoring_theory import check
            >>> check("c - 2*(q - c)^2").verdict("jointly optimal").status
            'refuted'
        """
        for setting in self.settings:
            if name in setting.replaces:
                return setting.replaces[name]
        seen = self if self.clipped is None else self.clipped
        verdicts = {
            "proper": seen.proper,
            "strictly proper": seen.strictly_proper,
            "jointly optimal": seen.jointly_optimal,
        }
        return verdicts[name]

    def exit_code(self) -> int:
        """The exit code of `scoring-theory check`: 0 holds, 1 refuted, 3 undecided.

        Example:
            >>> from scoring_theory import check
            >>> check("c - (q - c)^2").exit_code(), check("-abs(q - c)").exit_code()
            (0, 1)
        """
        return EXIT_CODES[self.outcome()]

    @property
    def certificates(self) -> list[Mapping[str, Any]]:
        """The distinct certificates of all verdicts; `proofs.kernel.verifier` verifies them."""
        distinct: list[Mapping[str, Any]] = []
        verdicts = (self.proper, self.strictly_proper, self.jointly_optimal, self.accuracy_rewarded)
        for certificate in (
            *(verdict.certificate for verdict in verdicts),
            self.failure_certificate,
            *(v.certificate for setting in self.settings for v in setting.verdicts.values()),
            *(certificate for setting in self.settings for certificate in setting.certificates),
        ):
            if certificate and certificate not in distinct:
                distinct.append(certificate)
        return distinct

    def to_json(self) -> dict[str, Any]:
        """The report as plain data (docs/schemas/check.schema.json), as `check --json` prints it.

        Example:
            >>> from scoring_theory import check
            >>> data = check("c - 2*(q - c)^2").to_json()
            >>> data["verdict"], data["critical_weight"]["exact"]
            ('refuted', '1/2')
        """

        def shown(quantity: Quantity | None) -> dict[str, Any] | None:
            return None if quantity is None else quantity.to_json()

        bundle = {"schema": CERTIFICATE_SCHEMA, "certificates": self.certificates}
        return {
            "schema": REPORT_SCHEMA,
            "formula": self.formula,
            "parameters": self.reward.parameters,
            "verdict": self.outcome(),
            "claim": self.claim,
            "demanded": list(self.demanded()),
            "kind": self.kind,
            "forecast": self.forecast,
            "proper": {**self.proper.to_json(), "strict": self.strict},
            "strictly_proper": self.strictly_proper.to_json(),
            "jointly_optimal": self.jointly_optimal.to_json(),
            "accuracy_rewarded": self.accuracy_rewarded.to_json(),
            "accuracy_margin": shown(self.accuracy_margin),
            "critical_weight": shown(self.critical_weight),
            "weight_parameter": self.weight_parameter,
            "score": self.score,
            "local_failure_below": shown(self.local_failure_below),
            "global_failure_below": shown(self.global_failure_below),
            "range": None if self.range is None else [end.to_json() for end in self.range],
            "bounded": self.bounded,
            "threshold_density": self.threshold_density,
            "best_report": self.best_report,
            "settings": [setting.to_json() for setting in self.settings],
            "training": None if self.training is None else self._training(),
            "certificate": bundle if self.certificates else None,
        }

    def _training(self) -> dict[str, Any]:
        assert self.training is not None
        clipped = None if self.clipped is None else self.clipped.to_json()
        return {**self.training.to_json(), "clipped": clipped}

    def headline(self) -> str:
        """The properties of the reward in capitals, and in brackets what follows from them.

        Example:
            >>> from scoring_theory import check
            >>> print(check("-abs(q - c)").headline())
            IMPROPER (for some p a misreport has a larger expected score)
        """
        return f"{' · '.join(self._properties()).upper()} ({self._consequence()})"

    def _properties(self) -> list[str]:
        """The properties that count for the claim, in the field's terms, and their setting."""
        reporting, joint = self.verdict("strictly proper"), self.verdict("jointly optimal")
        proper = {
            "proved": {
                "proved": "strictly proper", "refuted": "weakly proper", "undecided": "proper"
            }[reporting.status],
            "refuted": "improper",
            "undecided": "properness undecided",
        }[self.verdict("proper").status]  # fmt: skip
        named = [proper]
        if self.claim == "jointly-optimal" or not self.about_reporting:
            named.append(
                {
                    "proved": "jointly optimal",
                    "refuted": "not jointly optimal",
                    "undecided": "joint optimality undecided",
                }[joint.status]
            )
        named[-1] += "".join(f" {s.name}" for s in self.settings if s.replaces)
        if self.training is not None:
            named.append(
                {
                    "proved": "preserved in training",
                    "refuted": "not preserved in training",
                    "undecided": "undecided in training",
                }[overall(self._trained().values())]
            )
        return named

    def _consequence(self) -> str:
        """What the properties mean for an agent, or why nothing can be said."""
        proper, joint = self.verdict("proper"), self.verdict("jointly optimal")
        counts_joint = self.claim == "jointly-optimal" or not self.about_reporting
        clipped = "after clipping, " if self.clipped is not None else ""
        earned = "score" if self.about_reporting else "reward"
        if proper.status == "refuted":
            rewarded = counts_joint and self.accuracy_rewarded and not self.settings
            return f"{clipped}for some p a misreport has a larger expected {earned}" + (
                "; accuracy is rewarded" if rewarded else ""
            )
        if counts_joint and joint.status == "refuted":
            return clipped + self._errors_earn_more(proper)
        failed = next((v for v in self._further().values() if v.status == "refuted"), None)
        if failed is not None:
            return failed.reason
        if self.training is not None and (trained := overall(self._trained().values())) != "proved":
            answers = not self.about_reporting
            return self.training.headline(answers=answers) if trained == "refuted" else _NEITHER
        counted = [proper, *([joint] if counts_joint else [])]
        if overall([*counted, *self._further().values()]) == "undecided":
            return _NEITHER
        strictly = self.verdict("strictly proper")
        if strictly.status == "refuted" and not self.allow_weak and self.claim != "proper":
            return f"{self._ties()}; --allow-weak accepts ties"
        return clipped + self._optimum(earned, counts_joint)

    def _errors_earn_more(self, proper: Verdict) -> str:
        """On which questions, with their largest p where that is known."""
        replaced = next((s for s in self.settings if "jointly optimal" in s.replaces), None)
        if replaced is not None:
            return replaced.replaces["jointly optimal"].reason
        if proper.status == "undecided":
            return "a less accurate answer earns more than the best one, truthfully reported"
        seen = self if self.clipped is None else self.clipped
        below = seen.global_failure_below
        if below is None or below.value == 0:
            where = "on hard questions"
        elif below.value == 1:
            where = "for every p < 1"
        else:
            exact = below.exact if len(below.exact) <= _SHORT else f"{below.value:.4g}"
            where = f"below p = {exact}"
        return f"{where} a deliberately wrong answer earns more"

    def _ties(self) -> str:
        if self.threshold_density != "0":
            return "some misreports have the same expected reward as the true confidence"
        if self.about_reporting:
            return "every confidence has the same expected score"
        return "it rewards accuracy only: every confidence has the same expected reward"

    def _optimum(self, earned: str, counts_joint: bool) -> str:
        strict = self.verdict("strictly proper").status == "proved"
        ties = "" if strict else "; other confidences tie with it"
        if not counts_joint:
            kind = "it is a score: " if self.kind == "score" and not self.forecast else ""
            only = "the only confidence" if strict else "a confidence"
            return f"{kind}the true probability is {only} with the largest expected {earned}{ties}"
        seen = self if self.clipped is None else self.clipped
        margin = None if self.settings else seen.accuracy_margin
        edge = "; the accuracy margin is exactly 0" if margin and margin.value == 0 else ""
        ties = "" if strict else "; other confidences tie with the true one"
        found = [setting.optimum for setting in self.settings if setting.optimum]
        giving = found[0] if found else "giving the most likely answer with its true probability"
        best = f"{giving} maximises expected reward"
        return f"{best}{ties}{edge}"

    def rows(self) -> list[tuple[str, str]]:
        """The findings as pairs of a label and a text, in reading order.

        Example:
            >>> from scoring_theory import check
            >>> dict(check("c - 2*(q - c)^2").rows())["payoffs"]
            'from -2 to 1'
        """
        rows = self._verdict_rows()
        if self.about_reporting and self.claim != "jointly-optimal":
            rows += [] if self.forecast else [("as a reward", self._as_a_reward())]
        elif not any(setting.replaces for setting in self.settings):
            rows += self._number_rows()
        asked = any(setting.name.endswith("chosen by the model") for setting in self.settings)
        rows += [
            ("hint", self._hint(name))
            for name in self.reward.free_parameters
            if name in _CHOSEN and not asked
        ]
        if self.range is not None:
            rows.append(("payoffs", self._payoffs(*self.range)))
        if self.threshold_density is not None:
            rows.append(
                (
                    "Schervish weight",
                    f"w({variable(self.reward.free_parameters)}) = {self.threshold_density}",
                )
            )
        if self.best_report is not None:
            rows.append(("best report", f"q*(p) = {self.best_report}"))
        if self.clipped is not None:
            clipped = self.clipped
            rows.append(
                (
                    "after clipping",
                    f"{clipped.outcome()}: {clipped.formula}: {clipped._consequence()}",
                )
            )
        if self.training is None:
            return rows
        return rows + self.training.rows(answers=not self.about_reporting)

    def _verdict_rows(self) -> list[tuple[str, str]]:
        """The verdicts on the properties, in their setting, and what the setting shows besides."""
        proper, strictly = self.verdict("proper"), self.verdict("strictly proper")
        how = {"proved": ", strictly", "refuted": ", not strictly", "undecided": ""}
        shown = strictly if proper and strictly.status != "proved" else proper
        strict = how[strictly.status] if proper else ""
        rows = [("proper", f"{proper.status}{strict}: {shown.reason}")]
        if self.claim == "jointly-optimal" or not self.about_reporting:
            joint = self.verdict("jointly optimal")
            rows.append(("jointly optimal", f"{joint.status}: {joint.reason}"))
            plain = not any(setting.replaces for setting in self.settings)
            if plain and self.accuracy_rewarded.reason != self.jointly_optimal.reason:
                rewarded = self.accuracy_rewarded
                rows.append(("accuracy rewarded", f"{rewarded.status}: {rewarded.reason}"))
        for setting in self.settings:
            rows += [(name, f"{v.status}: {v.reason}") for name, v in setting.demands.items()]
            rows += setting.rows
            if setting.replaces:
                rows.append(
                    (setting.otherwise, ", ".join(replace(self, settings=())._properties()))
                )
        return rows

    def _as_a_reward(self) -> str:
        """What a score is beside correctness, and alone."""
        weight = self.critical_weight
        beside = "" if weight is None else f"; {self._weighed(weight.exact)}"
        alone = "a score does not reward a correct answer, so alone it is not a reward"
        return f"{alone}{beside}"

    def _number_rows(self) -> list[tuple[str, str]]:
        """The accuracy margin, the critical weight and the failure thresholds."""
        numbers = (
            (
                "accuracy margin",
                self.accuracy_margin,
                "R(0+, 1) - R(0, 0), the smallest slope of the expected reward V(p); it must not be"
                " negative",
            ),
            ("critical weight", self.critical_weight, self._weighed("lam*")),
            (
                "local failure",
                self.local_failure_below,
                "for p below this value, expected reward decreases with accuracy",
            ),
            (
                "global failure",
                self.global_failure_below,
                "for p below this value, a deliberately wrong answer with q = 0 earns more",
            ),
        )
        return [
            (label, f"{number}  ({meaning})")
            for label, number, meaning in numbers
            if number is not None
        ]

    def _hint(self, name: str) -> str:
        domain = self.reward.parameters[name]
        return (
            f"{name} looks like a quantity that the model chooses, and the verdict is about each"
            f' fixed {name}: --model-chooses "{domain}" judges the best choice'
        )

    def _payoffs(self, least: Quantity, most: Quantity) -> str:
        """The range; it is exact for a proper reward, whose extremes are at q = 0 and q = 1."""
        exact = self.proper.status == "proved"
        return (
            f"from {least} to {most}"
            if exact
            else f"measured: from {least.value:.6g} to {most.value:.6g}"
        )

    def _weighed(self, star: str) -> str:
        """Which score the critical weight multiplies, and what follows; `star` names the weight."""
        typed = self.weight_parameter
        lam = typed or next(
            name for name in ("lam", "k", "w", "mu", "nu") if name not in self.reward.parameters
        )
        star = star if typed else star.replace("lam*", f"{lam}*")
        exact = self.critical_weight.exact if self.critical_weight else ""
        where = {"0": f"no {lam} > 0", "inf": f"every {lam} >= 0"}.get(exact, f"{lam} <= {star}")
        claim = f"c + {lam} S{', as typed,' if typed else ''} is jointly optimal for {where}"
        return claim if typed else f"{claim}, with S = {self.score}"

    def text(self) -> str:
        """The report as `scoring-theory check` prints it: formula, headline, findings.

        Example:
            >>> from scoring_theory import check
            >>> print(check("c - 2*(q - c)^2").text())  # doctest: +ELLIPSIS
            c - 2*(q - c)^2
            STRICTLY PROPER · NOT JOINTLY OPTIMAL (below p = 1/2 a deliberately wrong answer ...
        """
        lines = [self._typed(), self.headline(), ""]
        return "\n".join([*lines, *(f"  {label:<18} {text}" for label, text in self.rows())])

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        """The formula and the properties of its reward."""
        return line("Report", f"{shortened(self.formula, 50)!r}: {', '.join(self._properties())}")

    def _repr_latex_(self) -> str:
        return self.reward._repr_latex_()

    def _repr_html_(self) -> str:
        """The formula with its verdict, and the findings as a table."""
        head = (" · ".join(self._properties()).upper(), self._consequence())
        return table(self.rows(), head=head, caption=self._typed())

    def _typed(self) -> str:
        """The formula as typed, with its names expanded and its parameters' domains."""
        domains = (
            f"   with {', '.join(self.reward.parameters.values())}"
            if self.reward.parameters
            else ""
        )
        has_names = expand_names(self.formula, self.reward.domains) != self.formula
        return f"{self.formula}{f' = {self.reward.text}' if has_names else ''}{domains}"
