"""Signals: rewards that depend on more than confidence and correctness.

`formulas` has the published signals as functions of groups, `groups` the groups and their
enumeration, `batches` that of groups whose estimator compares questions, `training` policy gradient
with any function of groups and its mean field, `base` what a signal of an experiment is,
`entropy_controls` and `named` the signals (`SIGNALS`), and `stepping` their training.
"""

from simulations.signals.base import TrainingSignal
from simulations.signals.entropy_controls import ClipCov, KlCov
from simulations.signals.formulas import (
    contrastive,
    majority_vote,
    negative_only,
    positive_only,
    preferences,
    self_confidence,
    weighted_reinforce,
)
from simulations.signals.named import (
    SIGNALS,
    ContrastiveBaseline,
    GradedScore,
    HeadEnsemble,
    MajorityVote,
    NoisyJudge,
    PlainVerdict,
    SelfConfidence,
    SelfFeedback,
    SignWeights,
    StyleRubric,
    signal_named,
)
from simulations.signals.training import NothingLearned

__all__ = [
    "SIGNALS",
    "ClipCov",
    "ContrastiveBaseline",
    "GradedScore",
    "HeadEnsemble",
    "KlCov",
    "MajorityVote",
    "NoisyJudge",
    "NothingLearned",
    "PlainVerdict",
    "SelfConfidence",
    "SelfFeedback",
    "SignWeights",
    "StyleRubric",
    "TrainingSignal",
    "contrastive",
    "majority_vote",
    "negative_only",
    "positive_only",
    "preferences",
    "self_confidence",
    "signal_named",
    "weighted_reinforce",
]
