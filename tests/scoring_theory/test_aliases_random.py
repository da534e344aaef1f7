"""Random formulas, written as NumPy code and as LaTeX, mean what their trees mean."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from proofs.kernel.formula import parse
from scoring_theory.catalogue.words import expand_names
from scoring_theory.expression import evaluate

Tree = tuple[Any, ...]
Writer = Callable[[Tree, random.Random], str]


def tree(rng: random.Random, depth: int) -> Tree:
    if depth == 0 or rng.random() < 0.15:
        return (rng.choice(("q", "c", "0.5", "3", "10")),)
    op = rng.choice(("+", "-", "*", "/", "^", "neg", "exp", "sqrt", "if", "abs", "min"))
    arity = {"neg": 1, "exp": 1, "sqrt": 1, "abs": 1, "^": 1, "if": 3}.get(op, 2)
    return (op, *(tree(rng, depth - 1) for _ in range(arity)))


def grammar(node: Tree, rng: random.Random) -> str:
    """The formula in the kernel's grammar, with all brackets."""
    op, *args = node[0], *(grammar(part, rng) for part in node[1:])
    match op:
        case "+" | "-" | "*":
            return f"(({args[0]}) {op} ({args[1]}))"
        case "/":
            return f"(({args[0]})/(({args[1]})^2 + 7))"
        case "^":
            return f"(({args[0]})^2)"
        case "neg":
            return f"(-({args[0]}))"
        case "exp":
            return f"exp(-abs({args[0]}))"
        case "sqrt":
            return f"sqrt(1 + abs({args[0]}))"
        case "if":
            return f"(({args[1]}) if ({args[0]}) > 1/2 else ({args[2]}))"
        case "abs" | "min":
            return f"{op}({', '.join(args)})"
    return str(op)


def code(node: Tree, rng: random.Random) -> str:
    """The formula as NumPy, math and PyTorch would have it."""
    op, *args = node[0], *(code(part, rng) for part in node[1:])
    match op:
        case "q":
            return rng.choice(("conf", "q", "confidence"))
        case "c":
            return rng.choice(("correct", "float(correct)", "float(answer == truth)"))
        case "+" | "-" | "*":
            return f"({args[0]}) {op} ({args[1]})" if op != "+" else f"(({args[0]}) + {args[1]})"
        case "/":
            return f"({args[0]})/(({args[1]})**2 + 7)"
        case "^":
            return rng.choice(("np.square({0})", "({0})**2", "pow({0}, 2)", "({0}).pow(2)")).format(
                *args
            )
        case "neg":
            return f"(-({args[0]}))"
        case "exp":
            return f"np.exp(-np.abs({args[0]}))"
        case "sqrt":
            return f"math.sqrt(1 + torch.abs({args[0]}))"
        case "if":
            return f"np.where(({args[0]}) > 1/2, {args[1]}, {args[2]})"
        case "abs" | "min":
            return f"np.{'fabs' if op == 'abs' else 'minimum'}({', '.join(args)})"
    return str(op)


def paper(node: Tree, rng: random.Random) -> str:
    """The formula as LaTeX, often without signs of multiplication."""
    op, *args = node[0], *(paper(part, rng) for part in node[1:])
    match op:
        case "q":
            return rng.choice(("q", r"\hat{p}", r"\text{conf}"))
        case "c":
            return rng.choice(("c", r"\mathrm{correct}", r"\mathbb{1}[y = y^*]"))
        case "+" | "-":
            return rf"\left({args[0]} {'−' if op == '-' else op} ({args[1]})\right)"
        case "*":
            return rng.choice((r"({0})({1})", r"({0}) \cdot ({1})", r"2\,[{0}][{1}] × ½")).format(
                *args
            )
        case "/":
            return rf"\frac{{{args[0]}}}{{({args[1]})² + 7}}"
        case "^":
            return f"({args[0]}){rng.choice(('^{2}', '²', '^2'))}"
        case "neg":
            return f"(-({args[0]}))"
        case "exp":
            return rf"e^{{-\lvert {args[0]} \rvert}}"
        case "sqrt":
            return rf"\sqrt{{1 + \left|{args[0]}\right|}}"
        case "if":
            cases = rf"{args[1]} & \text{{if }} ({args[0]}) > 1/2 \\ {args[2]} & \text{{otherwise}}"
            return rf"\begin{{cases}} {cases} \end{{cases}}"
        case "abs":
            return rf"\left|{args[0]}\right|"
        case "min":
            return rf"\min\{{{args[0]}, {args[1]}\}}"
    return str(op)


@pytest.mark.parametrize("writer", [code, paper])
def test_what_is_pasted_means_what_was_meant(writer: Writer) -> None:
    rng = random.Random(11)
    for _ in range(60):
        meant = tree(rng, 3)
        text = writer(meant, rng)
        wanted, found = parse(grammar(meant, rng)), parse(expand_names(text))
        for at in ({"q": 0.2, "c": 0}, {"q": 0.45, "c": 1}, {"q": 0.8, "c": 1}):
            assert evaluate(found, at) == pytest.approx(evaluate(wanted, at), rel=1e-9), text
