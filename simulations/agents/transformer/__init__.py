"""A small autoregressive transformer as an agent (extra `transformer`: PyTorch, on CPUs)."""

from simulations.agents.transformer.agent import Transformer
from simulations.agents.transformer.corpus import Corpus, tokens_of
from simulations.agents.transformer.optimiser import TransformerState

__all__ = ["Corpus", "Transformer", "TransformerState", "tokens_of"]
