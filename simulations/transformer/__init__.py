"""A small autoregressive transformer as an agent (extra `transformer`: PyTorch, on CPUs)."""

from simulations.transformer.agent import Transformer
from simulations.transformer.corpus import Corpus, tokens_of
from simulations.transformer.optimiser import TransformerState

__all__ = ["Corpus", "Transformer", "TransformerState", "tokens_of"]
