"""A small transformer whose parameters are one vector, in PyTorch.

Layer normalisation comes before attention and before the two-layer perceptron (GELU); positions are
learned; the output is a linear map of the last layer (Vaswani et al. 2017; Radford et al. 2019).
The network reads a tree of completions, see `simulations.transformer.completions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.transformer.completions import CompletionTree

Tensor = Any
"""A torch.Tensor; PyTorch is an extra, and its types are not needed to use this module."""
Parameters = "NDArray[np.float32]"


@cache
def pytorch() -> Any:
    """PyTorch, with one thread: replicates run in parallel, and results do not depend on threads.

    Raises:
        ImportError: If it is not installed.
    """
    try:
        import torch
    except ImportError:
        raise ImportError(
            "the transformer needs PyTorch: install it with pip install"
            " 'scoring-theory[transformer]' (for CPUs alone with --extra-index-url"
            " https://download.pytorch.org/whl/cpu)"
        ) from None
    torch.set_num_threads(1)
    return torch


@dataclass(frozen=True)
class Network:
    """The shape of a transformer.

    Args:
        completions: What it reads.
        width: Number of features of a token, a multiple of `heads`.
        depth: Number of layers.
        heads: Number of attention heads.

    Example:
        >>> from simulations.transformer.completions import CompletionTree
        >>> two = CompletionTree(question=2, symbols=16, base=8, digits=1, levels=11)
        >>> Network(two, width=64, depth=2, heads=4).size
        104768
    """

    completions: CompletionTree
    width: int
    depth: int
    heads: int

    @property
    def layout(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Name and shape of every array of parameters, in their order in the vector."""
        d, said = self.width, self.completions
        positions = said.question + len(said.segments) - 1
        block = (
            ("scale", (d,)),
            ("shift", (d,)),
            ("attend", (d, 3 * d)),
            ("attended", (3 * d,)),
            ("merge", (d, d)),
            ("merged", (d,)),
            ("scale again", (d,)),
            ("shift again", (d,)),
            ("widen", (d, 4 * d)),
            ("widened", (4 * d,)),
            ("narrow", (4 * d, d)),
            ("narrowed", (d,)),
        )
        blocks = tuple((f"{name} {i}", shape) for i in range(self.depth) for name, shape in block)
        ends = (("last scale", (d,)), ("last shift", (d,)), ("output", (d, said.vocabulary)))
        return (("tokens", (said.vocabulary, d)), ("positions", (positions, d)), *blocks, *ends)

    @property
    def size(self) -> int:
        """The number of parameters."""
        return sum(int(np.prod(shape)) for _, shape in self.layout)

    def start(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """Parameters before pretraining: scales 1, vectors 0, matrices normal.

        The standard deviation is 0.02 for embeddings and 1 / sqrt(inputs) for matrices, divided by
        sqrt(2 layers) for those that write into the residual stream.
        """
        parts = []
        for name, shape in self.layout:
            if len(shape) == 1:
                parts.append(np.full(shape, 1.0 if "scale" in name else 0.0))
                continue
            size = 0.02 if name in ("tokens", "positions") else shape[0] ** -0.5
            size /= (2 * self.depth) ** 0.5 if name.startswith(("merge", "narrow")) else 1.0
            parts.append(size * rng.normal(size=shape))
        return np.concatenate([part.ravel() for part in parts]).astype(np.float32)

    def log_probabilities(self, parameters: Tensor, questions: NDArray[np.int64]) -> Tensor:
        """The log-probability of every completion, in two parts that add up to it.

        Args:
            parameters: The vector of all parameters, a tensor (P,).
            questions: The tokens of each question, (Q, T).

        Returns:
            A tensor (2, Q, paths): of thoughts and answer, and of the confidence, each given what
            comes before it.
        """
        torch, said = pytorch(), self.completions
        states = self._read(parameters, questions)
        output = self.arrays(parameters)["output"]
        parts = [torch.zeros(len(questions), 1)] * 2
        first = said.question - 1
        for kind, size, nodes in zip(said.segments, said.choices, said.layers, strict=True):
            token = said.first_token[kind]
            logits = states[:, first : first + nodes] @ output[:, token : token + size]
            first += nodes
            chosen = logits.log_softmax(-1)
            grown = [part[..., None].expand(-1, -1, size) for part in parts]
            grown[kind == "confidence"] = grown[kind == "confidence"] + chosen
            parts = [part.reshape(len(questions), nodes * size) for part in grown]
        return torch.stack(parts)

    def arrays(self, parameters: Tensor) -> dict[str, Tensor]:
        """The arrays of parameters by name, which share the memory of the vector.

        Args:
            parameters: The vector of all parameters, a tensor (P,).
        """
        sizes = [int(np.prod(shape)) for _, shape in self.layout]
        pieces = parameters.split(sizes)
        return {
            name: piece.view(shape)
            for (name, shape), piece in zip(self.layout, pieces, strict=True)
        }

    def _read(self, parameters: Tensor, questions: NDArray[np.int64]) -> Tensor:
        """The last layer's features of each token of questions and tree, (Q, T + N, d)."""
        torch, said, d = pytorch(), self.completions, self.width
        functional, of = torch.nn.functional, self.arrays(parameters)
        after = np.broadcast_to(said.tokens, (len(questions), said.tokens.size))
        tokens = torch.from_numpy(np.concatenate([questions, after], axis=1))
        x = of["tokens"][tokens] + of["positions"][torch.from_numpy(said.depths)]
        sees = torch.from_numpy(said.sees)
        count, length = tokens.shape
        for i in range(self.depth):
            seen = functional.layer_norm(x, (d,), of[f"scale {i}"], of[f"shift {i}"])
            three = seen @ of[f"attend {i}"] + of[f"attended {i}"]
            split = three.view(count, length, 3, self.heads, d // self.heads)
            query, key, value = split.permute(2, 0, 3, 1, 4)
            read = functional.scaled_dot_product_attention(query, key, value, attn_mask=sees)
            flat = read.transpose(1, 2).reshape(count, length, d)
            x = x + flat @ of[f"merge {i}"] + of[f"merged {i}"]
            seen = functional.layer_norm(x, (d,), of[f"scale again {i}"], of[f"shift again {i}"])
            wide = functional.gelu(seen @ of[f"widen {i}"] + of[f"widened {i}"])
            x = x + wide @ of[f"narrow {i}"] + of[f"narrowed {i}"]
        return functional.layer_norm(x, (d,), of["last scale"], of["last shift"])
