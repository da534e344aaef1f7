"""Every system by name; each is loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from simulations.laboratory.system import System

SYSTEM_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "abstention": "an answer of `I do not know` earns A: coverage, hallucination and loopholes",
        "brme": "reward-model ensembles: nominal head, worst case, and two meanings of the minimum",
        "combinations": "no single fix: a proper score, judges, a baseline, an estimator",
        "contrastive": "an offline baseline for each question: what it changes, and what it cannot",
        "coupling": "confidence is computed from the answer probability, which rises",
        "decision-gap": "the better Brier score decides worse, and a design closes the gap",
        "disagreement": "correct/incorrect loses the spread of annotators, a proper score keeps it",
        "entropy": "entropy is used up in training, and holding it up does not calibrate",
        "estimator": "advantages are divided by the standard deviation of the group",
        "learning-speed": "what honesty costs in training time: the slope of V on hard questions",
        "majority": "self-training on majority votes: the most frequent answer wins",
        "reasoning-judge": "a judge that reasons errs less and costs more: when it is worth it",
        "reinforce-sign": "only right answers are reinforced (PSR) or wrong ones punished (NSR)",
        "retrieval": "retrieval where confidence is low: binary training silences the trigger",
        "rlsf": "self-feedback: the mode of the policy before training wins, right or wrong",
        "rubric": "criteria of which one is exploitable: sum, veto and saturation",
        "sampling-noise": "single runs drift away from their prior, but not on average",
        "selection": "only the best of N rollouts is reinforced: the most daring report wins",
        "self-confidence": "correctness times own confidence, beside RLCR: what the guarantee buys",
        "semantic-entropy": "entropy over meanings beside stated confidence: which detects errors",
        "separate-credit": "answer tokens paid for correctness, confidence tokens for the score",
        "shift": "confidence learned in distribution is used on harder questions",
        "soft-verifier": "graded scores: RLCR as written against its affine extension",
        "steps": "step-level against trace-average confidence for selecting traces",
        "utility": "errors weighted in training against a proper score and a decision",
        "verifier-noise": "the verifier errs: fate of accuracy, honesty of confidence, safe weight",
        "votes": "majority, confidence-weighted and max-confidence votes before and after training",
    }
)
"""What each system is, in one line."""
_MODULES = dict.fromkeys(("coupling", "estimator", "sampling-noise", "shift"), "drift")
"""The module of a system, if it has not the name of the system."""


def find_system(name: str) -> System:
    """The system with a name.

    Raises:
        ValueError: there is none.

    Example:
        >>> find_system("majority").name
        'majority'
    """
    if name not in SYSTEM_TITLES:
        raise ValueError(f"unknown system {name!r}; known: {', '.join(SYSTEM_TITLES)}")
    found = getattr(import_module(module_of(name)), name.replace("-", "_").upper())
    assert isinstance(found, System)
    return found


def module_of(name: str) -> str:
    """The module of a system.

    Example:
        >>> module_of("soft-verifier")
        'simulations.laboratory.soft_verifier'
    """
    return f"simulations.laboratory.{_MODULES.get(name, name.replace('-', '_'))}"
