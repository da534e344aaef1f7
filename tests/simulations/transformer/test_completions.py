"""CompletionTree as a tree: every path is one completion, and a token sees its ancestors alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulations.transformer.completions import CompletionTree

TREES = st.builds(
    CompletionTree,
    question=st.integers(1, 4),
    symbols=st.integers(2, 5),
    base=st.integers(2, 4),
    digits=st.integers(1, 2),
    levels=st.integers(2, 4),
    thoughts=st.integers(0, 2),
    confidence_first=st.booleans(),
)


@given(TREES)
def test_every_completion_is_one_path(said: CompletionTree) -> None:
    assert said.path_of.shape == (2**said.thoughts, said.base**said.digits, said.levels)
    assert sorted(said.path_of.ravel()) == list(range(said.paths))
    for path in range(said.paths):
        at = said.thought_of[path], said.answer_of[path], said.level_of[path]
        assert said.path_of[at] == path


@given(TREES)
def test_a_token_sees_the_question_and_what_was_said_before_it(said: CompletionTree) -> None:
    count = said.question + said.tokens.size
    assert said.sees.shape == (count, count)
    assert said.sees.sum(axis=1).tolist() == (said.depths + 1).tolist()  # one token at each depth
    for token in range(count):
        assert sorted(said.depths[said.sees[token]]) == list(range(said.depths[token] + 1))


@given(TREES)
def test_kinds_of_tokens_do_not_overlap(said: CompletionTree) -> None:
    sizes = {"answer": said.base, "confidence": said.levels, "thought": 2}
    used = list(range(said.symbols))
    for kind, first in said.first_token.items():
        if kind in said.segments:
            used += range(first, first + sizes[kind])
    assert sorted(used) == list(range(said.vocabulary))


def test_the_first_digit_of_an_answer_is_the_largest() -> None:
    said = CompletionTree(question=1, symbols=2, base=3, digits=2, levels=2)
    first_two = np.array([[0, 0], [0, 0], [0, 1], [0, 1], [0, 2], [0, 2], [1, 0]])
    assert said.answer_of[:7].tolist() == (3 * first_two[:, 0] + first_two[:, 1]).tolist()
