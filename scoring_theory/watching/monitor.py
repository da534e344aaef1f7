"""`ConfidenceMonitor`: what happens to confidence while a model is trained, in any loop."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring_theory.advantage.estimators import ESTIMATORS
from scoring_theory.advantage.trainers import Outcomes, Trainer, as_trainer, require_outcomes
from scoring_theory.catalogue.coercion import ComponentsLike, RewardLike, as_reward
from scoring_theory.checkers import Checker, exact_match
from scoring_theory.readers.reader import DEFAULT_READER
from scoring_theory.reward.values import HONEST_BONUS
from scoring_theory.watching.alarms import Alarm, estimate, level_of
from scoring_theory.watching.changes import changes
from scoring_theory.watching.figures import (
    RunningFigures,
    calibration_figures,
)
from scoring_theory.watching.replayed import (
    REPORTS,
    Batch,
    Paying,
    ReplayedGroups,
    batch_of,
    mean_of,
)
from scoring_theory.watching.windows import (
    WatchedUpdate,
    joined_batches,
    mean_of_known,
    mean_over,
    signed_estimate,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from scoring_theory.adapters.score import Scorer
    from scoring_theory.adapters.scorer import Options
    from scoring_theory.expression.numeric import Floats
    from scoring_theory.readers import ReaderLike
    from scoring_theory.readers.replies import Completion

_LEVELS = np.arange(21) / 20
_FINE = np.arange(1001) / 1000
_SHARED = 0.9


class ConfidenceMonitor:
    """Watches confidence while a model is trained: running figures, and alarms with a remedy.

    Each `update` takes the rollouts of one step of training. Figures are over the last `window`
    updates, and alarms compare them with the first `window` updates; `ALARM_RULES` says when each
    is raised. Each rule looks after every half window, and raises a false alarm with a probability
    of at most `false_alarms` in a run of any length (`scoring_theory.watching.alarms`). Nothing
    depends on the time that an update takes.

    Args:
        reward: what the model is trained with: a formula, a `Reward` or an entry of the catalogue,
            without free parameters.
        estimator: how the trainer makes advantages of rewards: a `Trainer`, or the name of an
            estimator, a framework or a paper, as in `check`. It may be left out where it is set
            before the first update, with `trained_by` or from a trainer's configuration.
        window: updates, at least 2.
        margin: the smallest change of a share or of a mean that is worth an alarm.
        false_alarms: the largest probability of a false alarm of one rule, in (0, 1/2).
        missing: what an answer without a readable confidence is paid; None for the smallest payoff.
        components: the components of the reward, which an estimator that treats them apart needs.
        outcomes: how correctness is correlated within a group, for the predicted confidence; None
            takes it as shared where nine of ten groups agree, and as independent otherwise.
        reader: the format of a completion, as in `scorer`, for `update_completions`.
        checker: how an answer is compared with the truth, likewise.
        truth_key: the key of the truth, where the truth is a dictionary.

    Attributes:
        updates: the number of updates so far.
        trainer: how advantages are computed; None until it is set.
        assumed: whether the estimator is a guess, which no remedy then blames.
        alarms: the alarms so far, at most one of each rule.

    Raises:
        ValueError: an argument outside its domain.

    Example:
        Rollouts share their outcome, right 7 times of 10, and state .6, .7 or .8:

        >>> rng = np.random.default_rng(0)
        >>> monitor = ConfidenceMonitor("c - (q - c)^2", estimator="trl_default")
        >>> for step in range(10):
        ...     right = np.repeat(rng.random(32) < 0.7, 8)
        ...     new = monitor.update(rng.choice([0.6, 0.7, 0.8], 256), right, 8)
        >>> [(alarm.update, alarm.rule) for alarm in monitor.alarms]
        [(5, 'estimator_at_odds')]
        >>> print(monitor.alarms[0].sentence)  # doctest: +ELLIPSIS
        Over updates 1 to 5 accuracy is 0.71, for which ... the stable confidence is 1.
        >>> monitor.figures().predicted
        1.0
    """

    def __init__(
        self,
        reward: RewardLike,
        *,
        estimator: str | Trainer | None = None,
        window: int = 10,
        margin: float = 0.05,
        false_alarms: float = 0.01,
        missing: float | None = None,
        components: ComponentsLike | None = None,
        outcomes: Outcomes | None = None,
        reader: ReaderLike = DEFAULT_READER,
        checker: Checker | str = exact_match,
        truth_key: str | None = None,
    ) -> None:
        if not isinstance(window, int) or window < 2:
            raise ValueError(f"`window` must be a whole number of at least 2, got {window!r}")
        if not 0 < false_alarms < 0.5:
            raise ValueError(f"`false_alarms` must lie in (0, 1/2), got {false_alarms}")
        if not 0 <= margin < 1:
            raise ValueError(f"`margin` must lie in [0, 1), got {margin}")
        self._reward = as_reward(reward)
        self._missing, self._components = missing, components
        self._options: Options = {
            "reader": reader,
            "checker": checker,
            "truth_key": truth_key,
            "allow_unsafe": True,  # what is watched is trained already
        }
        self._table, self._fine = self._reward.table(_LEVELS), self._reward.table(_FINE)
        self._window, self._margin, self._alpha = window, float(margin), float(false_alarms)
        self._outcomes = None if outcomes is None else require_outcomes(outcomes)
        self._first: list[WatchedUpdate] = []
        self._last: deque[WatchedUpdate] = deque(maxlen=window)
        self._alarms: list[Alarm] = []
        self._scorer: Scorer | None = None
        self._predictions: dict[tuple[float, Outcomes, int], Floats] = {}
        self.updates = 0
        self.trainer: Trainer | None = None
        self.assumed = False
        if estimator is not None:
            self.trained_by(estimator)

    def __repr__(self) -> str:
        return (
            f"ConfidenceMonitor({self._reward.text!r}, {str(self.trainer or '')!r},"
            f" updates={self.updates}, alarms={len(self._alarms)})"
        )

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """The alarms so far, in the order in which they were raised."""
        return tuple(self._alarms)

    def trained_by(self, estimator: str | Trainer, *, assumed: bool = False) -> None:
        """Set the estimator, such as one that is read from the trainer's configuration.

        Args:
            estimator: as in the constructor.
            assumed: whether it is a guess, because nobody said what the trainer uses.

        Raises:
            ValueError: the estimator is unknown, or needs components and has none; or updates have
                been taken already.
        """
        if self.updates:
            raise ValueError(
                f"the estimator is set before the first update, not after {self.updates}"
            )
        self.trainer, self.assumed = as_trainer(estimator), assumed
        self._paying = Paying.of(
            self._reward, self.trainer, missing=self._missing, components=self._components
        )
        self._scoring = Paying.of(
            self._reward, as_trainer("none"), missing=self._missing, components=None
        )

    def update(
        self, confidence: ArrayLike, correct: ArrayLike, group: ArrayLike | int | None = None
    ) -> tuple[Alarm, ...]:
        """Take the rollouts of one step, and return the alarms that it raises.

        Args:
            confidence: (n,) q in [0, 1]; None or NaN where none could be read.
            correct: (n,) 0 or 1.
            group: (n,) the labels of the questions; G, where each G rollouts are of one question;
                or None, where every rollout has a question of its own.

        Raises:
            ValueError: the lengths differ or are 0, a value is outside its domain, or no estimator
                has been set.
        """
        if self.trainer is None:
            raise ValueError("give the monitor an `estimator`, such as estimator='trl_default'")
        seen = self._seen(batch_of(confidence, correct, group))
        self.updates += 1
        if len(self._first) < self._window:
            self._first.append(seen)
        self._last.append(seen)
        stride = max(1, self._window // 2)
        if self.updates % stride:
            return ()
        new = tuple(self._look(self.updates // stride))
        self._alarms += new
        return new

    def update_completions(
        self,
        completions: Iterable[Completion],
        truths: Iterable[object],
        group: ArrayLike | int | None = None,
        *,
        rows: Iterable[Mapping[str, Any]] | None = None,
    ) -> tuple[Alarm, ...]:
        """Take the completions of one step, read and checked as by the reward functions.

        Args:
            completions: (n,) texts or conversations.
            truths: (n,) the truth of each question.
            group: as in `update`.
            rows: (n,) the columns of each row, for a checker that asks for them.

        Raises:
            ValueError: as in `update`, and as in `scorer`.

        Example:
            >>> monitor = ConfidenceMonitor("c - (q - c)^2", estimator="rloo", reader="percent")
            >>> said = ["<answer>4</answer><confidence>90</confidence>", "<answer>4</answer>"]
            >>> monitor.update_completions(said, ["4", "4"], 2)
            ()
            >>> monitor.figures().confidence, monitor.figures().unreadable
            (0.9, 0.5)
        """
        if self._scorer is None:
            from scoring_theory.adapters.scorer import scorer

            self._scorer = scorer(self._reward, **self._options)
        scores = self._scorer.batch(completions, truths, rows)
        said = [score.confidence if score.format_ok else None for score in scores]
        return self.update(
            np.array(said, dtype=np.float64), [score.correct for score in scores], group
        )

    def figures(self) -> RunningFigures:
        """The figures of the last updates.

        Raises:
            ValueError: there has been no update.
        """
        if not self._last:
            raise ValueError("there are no figures before the first update")
        q, c, question = joined_batches([seen.batch for seen in self._last])
        stated = ~np.isnan(q)
        found = calibration_figures(q[stated], c[stated], question[stated])
        weights = [seen.answers.sum() for seen in self._last]
        gains = {
            report: mean_of_known([seen.gains[report] for seen in self._last], weights)
            for report in REPORTS
        }
        predicted = self._predicted(found["confidence"], c, q)
        return RunningFigures(
            update=self.updates,
            answers=c.size,
            questions=int(question.max()) + 1,
            accuracy=float(c.mean()),
            unreadable=float(1 - stated.mean()),
            gain_of_one=gains["one"],
            gain_of_zero=gains["zero"],
            gain_of_omission=gains["omission"],
            predicted=predicted,
            distance=abs(found["confidence"] - predicted),
            alarms=len(self._alarms),
            **found,
        )

    @property
    def described(self) -> str:
        """The trainer in words, with the sizes of the groups in the window.

        Raises:
            ValueError: there has been no update.

        Example:
            >>> monitor = ConfidenceMonitor("c - (q - c)^2", estimator="dr_grpo")
            >>> monitor.update([0.9, 0.8, 0.7, 0.6], [1, 1, 0, 1], 4)
            ()
            >>> monitor.described
            'Dr. GRPO: group_mean, G = 4'
        """
        if self.trainer is None or not self._last:
            raise ValueError("there are no groups before the first update")
        sizes = np.concatenate([seen.answers for seen in self._last])
        least, most = int(sizes.min()), int(sizes.max())
        return self.trainer.described(
            f"G = {least}" if least == most else f"G from {least} to {most}"
        )

    def _seen(self, batch: Batch) -> WatchedUpdate:
        """The sums of one update by question, and the replays of its groups."""
        stated = ~np.isnan(batch.confidence)
        q = np.where(stated, batch.confidence, 0.0)
        replays = ReplayedGroups(batch, self._paying)
        reports = list(REPORTS.values())
        preferred: Mapping[str, Floats] = {}
        earned: Mapping[str, Floats] = {}
        compared: Floats = np.zeros(batch.size.size)
        if self._estimating.affine:
            before, after = replays.advantages(*reports)
        else:
            best = self._best_so_far(batch)
            before, both = replays.advantages(*reports, best)
            after = both[:-1]
            preferred, earned, compared = self._compared(
                batch, replays.grouped, after - both[-1], best
            )
        return WatchedUpdate(
            batch=batch,
            answers=batch.size.astype(np.float64),
            stated=batch.sums(stated.astype(np.float64)),
            right=batch.sums(batch.correct),
            confidence=batch.sums(q),
            gap=batch.sums(np.where(stated, q - batch.correct, 0.0)),
            gains={
                name: mean_of(values - before) for name, values in zip(REPORTS, after, strict=True)
            },
            preferred=preferred,
            earned=earned,
            compared=compared,
        )

    def _best_so_far(self, batch: Batch) -> float:
        """The best constant report, chosen before the outcomes of this batch, but the first."""
        return self._best_constant(self._accuracy() if self._last else float(batch.correct.mean()))

    def _compared(
        self,
        batch: Batch,
        grouped: np.ndarray[tuple[int], np.dtype[np.bool_]],
        gains: Floats,
        best: float,
    ) -> tuple[Mapping[str, Floats], Mapping[str, Floats], Floats]:
        """Sums by question of what each report earns above the best constant report.

        Where the advantage is an increasing affine function of the reward they agree, so that
        nothing is to be compared.
        """
        known = np.repeat(grouped, batch.size)
        usual = self._scoring.paid_for(best, batch.correct)[0]
        preferred, earned = {}, {}
        for (name, report), gain in zip(REPORTS.items(), gains, strict=True):
            if not np.isnan(gain[known]).any():
                preferred[name] = batch.sums(np.where(known, gain, 0.0))
                paid = self._scoring.paid_for(report, batch.correct)[0]
                earned[name] = batch.sums(np.where(known, paid - usual, 0.0))
        return preferred, earned, np.where(grouped, batch.size, 0).astype(np.float64)

    def _accuracy(self) -> float:
        right = sum(float(seen.right.sum()) for seen in self._last)
        return right / sum(float(seen.answers.sum()) for seen in self._last)

    def _predicted(self, confidence: float, correct: Floats, q: Floats) -> float:
        """The stable confidence that is nearest to the stated one."""
        if math.isnan(confidence):
            return math.nan
        accuracy = float(correct[~np.isnan(q)].mean())
        if self._estimating.affine:
            return self._best_report(accuracy)
        rounded = round(20 * accuracy) / 20
        outcomes = self._outcomes or self._guessed_outcomes()
        return self._stable(confidence, rounded, outcomes, self._group_size())

    def _group_size(self) -> int:
        """The usual number of rollouts of a question, at least what the estimator needs."""
        sizes = np.concatenate([seen.answers for seen in self._last])
        least = max(2, ESTIMATORS[self._estimating.estimator].least_group)
        return max(int(np.median(sizes)), least)

    def _stable(self, confidence: float, accuracy: float, outcomes: Outcomes, size: int) -> float:
        """The stable confidence nearest to one that is stated; NaN where none is stable."""
        from scoring_theory.advantage.stability import effective_advantage

        key = (accuracy, outcomes, size)
        if key not in self._predictions:
            self._predictions[key] = effective_advantage(
                self._reward,
                accuracy,
                _LEVELS,
                estimator=replace(self._estimating, group_size=size),
                outcomes=outcomes,
                components=self._components,
            ).stable
        found = self._predictions[key]
        return float(found[np.argmin(np.abs(found - confidence))]) if found.size else math.nan

    def _best_report(self, accuracy: float) -> float:
        """The accuracy itself if no confidence in steps of 1/1000 earns more, or else the best."""
        wrong, right = self._fine
        earned = accuracy * right + (1 - accuracy) * wrong
        best = int(np.argmax(earned))
        slack = HONEST_BONUS * (1 + abs(float(earned[best])))
        honest = float(self._reward.expected_reward(accuracy, accuracy)) > earned[best] - slack
        return accuracy if honest else float(_FINE[best])

    def _best_constant(self, accuracy: float) -> float:
        """The confidence, in steps of 1/20, with the largest expected reward."""
        wrong, right = self._table
        return float(_LEVELS[np.argmax(accuracy * right + (1 - accuracy) * wrong)])

    def _guessed_outcomes(self) -> Outcomes:
        right = np.concatenate([seen.right for seen in self._last])
        size = np.concatenate([seen.answers for seen in self._last])
        several = size > 1
        agree = (right == 0) | (right == size)
        return "shared" if several.any() and agree[several].mean() >= _SHARED else "independent"

    # ------------------------------------------------------------------------------------- alarms

    def _look(self, look: int) -> Iterable[Alarm]:
        """The alarms of one look, without rules that have raised one already."""
        level = level_of(look, self._alpha)
        raised = {alarm.rule for alarm in self._alarms}
        recent = list(self._last)[-max(0, self.updates - self._window) :]
        # The first window and the recent one must not overlap.
        grown = self.updates > self._window
        found = [
            *(() if "estimator_at_odds" in raised else self._at_odds(level)),
            *(self._changed(recent, level) if grown else ()),
        ]
        return [self._alarm(*one) for one in found if one[0] not in raised]

    def _changed(
        self, recent: Sequence[WatchedUpdate], level: float
    ) -> Iterable[tuple[str, str, str]]:
        return changes(
            self._first,
            recent,
            last=self.updates,
            margin=self._margin,
            level=level,
            estimator=None if self.assumed else self._estimator_name,
        )

    def _at_odds(self, level: float) -> Iterable[tuple[str, str, str]]:
        """Whether the advantage prefers a report that the reward does not prefer.

        By the verdict about the estimator at the accuracy that was seen, or in the replayed groups.
        """
        if self._estimating.affine:
            return
        sentence = self._verdict_at_odds(level) or self._replays_at_odds(level)
        if sentence:
            yield "estimator_at_odds", sentence, self._without_scaling()

    def _verdict_at_odds(self, level: float) -> str:
        """What the estimator makes of confidence wherever the accuracy may be, or ""."""
        updates = list(self._last)
        accuracy = mean_over(updates, "right", "answers")
        half = accuracy.half_width(level / 2)
        if not half < 0.5 or not any((seen.answers > 1).any() for seen in updates):
            return ""
        # Outward to the grid on which stable confidences are computed.
        low = max(0.0, math.floor(20 * (accuracy.value - half)) / 20)
        high = min(1.0, math.ceil(20 * (accuracy.value + half)) / 20)
        said = mean_over(updates, "confidence", "stated").value
        outcomes, size = self._outcomes or self._guessed_outcomes(), self._group_size()
        stable = [self._stable(said, p, outcomes, size) for p in (low, high)]
        best = [self._best_constant(p) for p in (low, high)]
        apart = [one - other for one, other in zip(stable, best, strict=True)]
        sign = 1 if apart[0] > 0 else -1
        least = max(self._margin, 1 / 20) - 1e-9  # the grid shows no smaller difference
        if not all(sign * gap >= least for gap in apart):  # also where one is NaN
            return ""
        ends = f"{stable[0]:g}" if stable[0] == stable[1] else f"{stable[0]:g} to {stable[1]:g}"
        return (
            f"Over updates {self.updates - len(updates) + 1} to {self.updates} accuracy is"
            f" {accuracy.value:.2g}, for which the reward is largest at confidence {best[0]:g} to"
            f" {best[1]:g}; under {self._estimator_name} with {outcomes} outcomes in groups of"
            f" {size} the stable confidence is {ends}."
        )

    def _replays_at_odds(self, level: float) -> str:
        """What the advantage prefers in the replayed groups and the reward does not, or ""."""
        updates = list(self._last)
        counts = np.concatenate([seen.compared for seen in updates])
        named = {"one": "stating 1", "zero": "stating 0", "omission": "leaving confidence out"}
        for report, name in named.items():
            if not all(report in seen.preferred for seen in updates):
                continue
            gain, paid = (
                estimate(
                    np.concatenate([getattr(seen, column)[report] for seen in updates]), counts
                )
                for column in ("preferred", "earned")
            )
            spent = level / 2 / len(named)
            if gain.above(spent) and signed_estimate(-1, paid).above(spent):
                return (
                    f"Over updates {self.updates - len(updates) + 1} to {self.updates}, {name}"
                    f" instead of the accuracy, {self._accuracy():.2g}, gains {gain.value:.2g} in"
                    f" advantage under {self._estimator_name} and loses {-paid.value:.2g} in"
                    " reward."
                )
        return ""

    def _without_scaling(self) -> str:
        scaled = ESTIMATORS[self._estimating.estimator].scale in ("group_std", "others_std")
        return (
            "Train without dividing by the standard deviation of the group (TRL:"
            ' scale_rewards="none"; verl: norm_adv_by_std_in_grpo=False).'
            if scaled
            else "Train with an estimator that keeps the optimum of the reward, such as the mean of"
            " the group."
        )

    @property
    def _estimating(self) -> Trainer:
        return self._paying.trainer

    @property
    def _estimator_name(self) -> str:
        return self._estimating.estimator

    def _alarm(self, rule: str, sentence: str, remedy: str) -> Alarm:
        return Alarm(rule, self.updates, sentence, f"{remedy}{self._baseline()}")

    def _baseline(self) -> str:
        """Recalibration, and how many questions a difference in ECE needs."""
        figures = self.figures()
        if math.isnan(figures.recalibrated_brier):
            return ""
        needed = figures.questions_for(0.02)
        return (
            " The baseline that training has to beat is isotonic recalibration afterwards, Brier"
            f" {figures.recalibrated_brier:.3g} instead of {figures.brier:.3g} on these answers; to"
            f" see a difference of 0.02 in ECE, compare {needed:.0f} questions of each run."
        )
