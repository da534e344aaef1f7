"""Cards: one page about one reward, with its verdicts, numbers, and what trainers make of it."""

from scoring_theory.cards.card import Card, TrainingCurve, card, certificate_digest
from scoring_theory.cards.effects import TrainerEffect, trainer_effects
from scoring_theory.cards.writing import card_html, card_markdown, threshold_texts

__all__ = [
    "Card",
    "TrainerEffect",
    "TrainingCurve",
    "card",
    "card_html",
    "card_markdown",
    "certificate_digest",
    "threshold_texts",
    "trainer_effects",
]
