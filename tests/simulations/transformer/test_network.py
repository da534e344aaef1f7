"""The network beside PyTorch's own layers, and its optimiser beside PyTorch's own Adam."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from simulations.transformer.completions import CompletionTree
from simulations.transformer.network import Network
from simulations.transformer.optimiser import climb_down, untrained

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

SAID = {
    "one token": CompletionTree(question=2, symbols=4, base=3, digits=1, levels=4),
    "two tokens": CompletionTree(question=3, symbols=4, base=2, digits=2, levels=3),
    "thoughts": CompletionTree(question=2, symbols=4, base=3, digits=1, levels=2, thoughts=2),
    "confidence first": CompletionTree(
        question=2, symbols=4, base=3, digits=1, levels=4, confidence_first=True
    ),
}


def theirs(network: Network, parameters: Any) -> Any:
    """The same network from PyTorch's layers: from tokens (N, T) to logits (N, T, vocabulary)."""
    of = network.arrays(parameters)
    layers = []
    for i in range(network.depth):
        layer = torch.nn.TransformerEncoderLayer(
            network.width, network.heads, 4 * network.width, 0.0, batch_first=True,
            norm_first=True, activation="gelu",
        ).double()  # fmt: skip
        ours = {
            "self_attn.in_proj_weight": of[f"attend {i}"].T,
            "self_attn.in_proj_bias": of[f"attended {i}"],
            "self_attn.out_proj.weight": of[f"merge {i}"].T,
            "self_attn.out_proj.bias": of[f"merged {i}"],
            "norm1.weight": of[f"scale {i}"],
            "norm1.bias": of[f"shift {i}"],
            "norm2.weight": of[f"scale again {i}"],
            "norm2.bias": of[f"shift again {i}"],
            "linear1.weight": of[f"widen {i}"].T,
            "linear1.bias": of[f"widened {i}"],
            "linear2.weight": of[f"narrow {i}"].T,
            "linear2.bias": of[f"narrowed {i}"],
        }
        layer.load_state_dict(ours)
        layers.append(layer.train())  # without dropout; the other mode takes another path

    def logits(tokens: Any) -> Any:
        length = tokens.shape[1]
        x = of["tokens"][tokens] + of["positions"][:length]
        mask = torch.triu(torch.full((length, length), float("-inf"), dtype=torch.float64), 1)
        for layer in layers:
            x = layer(x, src_mask=mask)
        ends = of["last scale"], of["last shift"]
        return torch.nn.functional.layer_norm(x, (network.width,), *ends) @ of["output"]

    return logits


@pytest.mark.parametrize("name", SAID)
def test_a_tree_gives_the_probabilities_of_plain_sequences(name: str) -> None:
    said = SAID[name]
    network = Network(said, width=8, depth=2, heads=2)
    rng = np.random.default_rng(3)
    parameters = torch.from_numpy(network.start(rng) + 0.1 * rng.normal(size=network.size))
    questions = rng.integers(said.symbols, size=(3, said.question))
    ours = network.log_probabilities(parameters, questions).numpy()
    logits = theirs(network, parameters)
    choices = itertools.product(*(range(size) for size in said.choices))
    for path, chosen in enumerate(choices):
        ids = [
            said.first_token[kind] + one for kind, one in zip(said.segments, chosen, strict=True)
        ]
        rows = np.concatenate([questions, np.tile(ids, (3, 1))], axis=1)
        with torch.no_grad():
            found = logits(torch.from_numpy(rows[:, :-1])).numpy()
        expected = np.zeros((2, 3))
        for i, (kind, size) in enumerate(zip(said.segments, said.choices, strict=True)):
            first = said.first_token[kind]
            allowed = found[:, said.question - 1 + i, first : first + size]
            logs = allowed - np.log(np.exp(allowed).sum(axis=1, keepdims=True))
            expected[int(kind == "confidence")] += logs[:, chosen[i]]
        assert ours[:, :, path] == pytest.approx(expected, abs=1e-10)


def test_the_probabilities_of_all_completions_add_up_to_one() -> None:
    for said in SAID.values():
        network = Network(said, width=8, depth=1, heads=2)
        parameters = torch.from_numpy(network.start(np.random.default_rng(0)))
        logs = network.log_probabilities(parameters, np.zeros((1, said.question), dtype=np.int64))
        assert float(logs.sum(0).exp().sum()) == pytest.approx(1.0, abs=1e-5)


def test_the_optimiser_is_adam_with_a_clipped_norm() -> None:
    rng = np.random.default_rng(0)
    start = rng.normal(size=(1, 6)).astype(np.float32)
    state = untrained(start.copy())
    weight = torch.nn.Parameter(torch.from_numpy(start.copy()))
    adam = torch.optim.Adam([weight], lr=0.01)
    for step in range(30):
        gradient = (rng.normal(size=(1, 6)) * (0.1 if step % 2 else 5.0)).astype(np.float32)
        climb_down(state, gradient, 0.01)
        weight.grad = torch.from_numpy(gradient.copy())
        torch.nn.utils.clip_grad_norm_([weight], 1.0)
        adam.step()
    assert state.parameters == pytest.approx(weight.detach().numpy(), abs=1e-6)
