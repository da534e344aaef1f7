"""Completions as a tree of tokens, so that one pass of a network scores all of them.

After a question comes a sequence of segments: optional tokens of thought, the tokens of the answer,
and the level of confidence (or the confidence before the answer). Every completion is a path
through a tree whose nodes are tokens and whose layers are segments; a token attends to its
ancestors alone. One pass over the tree therefore gives the log-probability of every completion
exactly, at the cost of a few dozen tokens.

    position  0 .. T-1    T        T + 1      ...
    token     question    first    second     last segment: its probabilities only
                          segment  segment

A layer with n nodes and s choices of the next token has n s nodes in the next layer, in the order
node, choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Segment = Literal["thought", "answer", "confidence"]


@dataclass(frozen=True)
class CompletionTree:
    """All completions of a question.

    Args:
        question: Number of tokens of a question, T.
        symbols: Number of different tokens of questions.
        base: Number of different tokens of answers.
        digits: Number of tokens of an answer; there are base^digits answers.
        levels: Number of levels of confidence, L.
        thoughts: Number of tokens of thought, each one of two.
        confidence_first: Whether the confidence comes before the answer.

    Example:
        >>> two = CompletionTree(question=2, symbols=16, base=8, digits=1, levels=11)
        >>> two.paths, two.tokens.size, two.vocabulary
        (88, 8, 35)
    """

    question: int
    symbols: int
    base: int
    digits: int
    levels: int
    thoughts: int = 0
    confidence_first: bool = False

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The kind of each token after the question."""
        before: list[Segment] = ["thought"] * self.thoughts
        said: list[Segment] = ["answer"] * self.digits
        stated: list[Segment] = ["confidence"]
        return (*before, *stated, *said) if self.confidence_first else (*before, *said, *stated)

    @property
    def choices(self) -> tuple[int, ...]:
        """The number of different tokens of each segment."""
        sizes = {"thought": 2, "answer": self.base, "confidence": self.levels}
        return tuple(sizes[kind] for kind in self.segments)

    @property
    def first_token(self) -> dict[Segment, int]:
        """The number in the vocabulary of the first token of each kind; questions begin at 0."""
        answer = self.symbols
        return {
            "answer": answer,
            "confidence": answer + self.base,
            "thought": answer + self.base + self.levels,
        }

    @property
    def vocabulary(self) -> int:
        """The number of tokens."""
        return self.symbols + self.base + self.levels + 2 * (self.thoughts > 0)

    @property
    def paths(self) -> int:
        """The number of completions."""
        return int(np.prod(self.choices))

    @property
    def layers(self) -> tuple[int, ...]:
        """The number of nodes that each segment is chosen at; the first is the question's end."""
        return tuple(int(np.prod(self.choices[:i])) for i in range(len(self.choices)))

    @cached_property
    def tokens(self) -> NDArray[np.int64]:
        """The token of each node after the question, layer by layer, (N,)."""
        rows = [
            np.tile(self.first_token[kind] + np.arange(size), nodes)
            for kind, size, nodes in zip(self.segments, self.choices, self.layers, strict=True)
        ]
        return np.concatenate([*rows[:-1], np.zeros(0, dtype=np.int64)])

    @cached_property
    def depths(self) -> NDArray[np.int64]:
        """The position of each token of question and tree, (T + N,)."""
        after = [self.question + np.full(n, i) for i, n in enumerate(self.layers[1:])]
        return np.concatenate([np.arange(self.question), *after])

    @cached_property
    def sees(self) -> NDArray[np.bool_]:
        """Whether each token (row) attends to each other token, (T + N, T + N): its ancestors."""
        parents = list(range(-1, self.question - 1))
        start = self.question - 1
        for nodes, size in zip(self.layers[:-1], self.choices[:-1], strict=True):
            parents += [start + node for node in range(nodes) for _ in range(size)]
            start += nodes
        seen = np.eye(len(parents), dtype=bool)
        for node, parent in enumerate(parents):
            if parent >= 0:
                seen[node] |= seen[parent]
        return seen

    @cached_property
    def answer_of(self) -> NDArray[np.int64]:
        """The answer of each completion, (paths,)."""
        digits = self._part("answer")
        return np.asarray(digits @ self.base ** np.arange(self.digits)[::-1])

    @cached_property
    def level_of(self) -> NDArray[np.int64]:
        """The level of confidence of each completion, (paths,)."""
        return np.asarray(self._part("confidence")[:, 0])

    @cached_property
    def thought_of(self) -> NDArray[np.int64]:
        """The number of the thoughts of each completion, (paths,); 0 without thoughts."""
        return np.asarray(
            self._part("thought") @ 2 ** np.arange(self.thoughts)[::-1], dtype=np.int64
        )

    @cached_property
    def path_of(self) -> NDArray[np.int64]:
        """The completion with each thought, answer and level, (2^thoughts, K, L)."""
        order = np.lexsort((self.level_of, self.answer_of, self.thought_of))
        return order.reshape(2**self.thoughts, self.base**self.digits, self.levels)

    def _part(self, kind: Segment) -> NDArray[np.int64]:
        """What each completion chooses in the segments of one kind, (paths, segments)."""
        chosen = np.indices(self.choices).reshape(len(self.choices), -1).T
        return chosen[:, [one == kind for one in self.segments]]
