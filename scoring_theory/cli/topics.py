"""Help pages that belong to no command: `scoring-theory help formulas`."""

from __future__ import annotations

import argparse
import sys

FORMULAS = """\
A formula is written in q, the stated confidence in [0, 1], and c, the outcome: 1 if the answer is
correct and 0 if it is wrong.

grammar:
  + - * / ^ **            numbers are exact decimals; 2^q and q^(1/2) are powers
  log exp sqrt abs        of one argument; log is the natural logarithm
  min max clip            min(x, y, ...), clip(x, low, high)
  beta_cdf beta_function  beta_cdf(x, a, b), beta_function(a, b)
  < <= == != >= >         the value is 1 or 0, so (q > 1/2)*c is a formula
  x if CONDITION else y   with and, or, not
  names                   parameters declared with --param, and names that `rules` lists

as papers and programs write them (what the grammar accepts is never rewritten):
  q            conf confidence prob probability y_prob p_hat \\hat{p}
  c            correct correctness is_correct label acc accuracy; 1 - c: wrong incorrect
  c            float(answer == truth), \\mathbb{1}_{y \\equiv y^*}
  functions    np. numpy. math. torch. jnp. ... and methods: q.clamp(0, 1).log()
  logarithms   ln log2 log10 log1p \\log_{b}; also expm1 exp2
  others       square power pow sign relu sigmoid logit xlogy maximum minimum clamp where
  conditions   int(q > 0.5), 1[q > 1/2], \\mathbb{1}\\{...\\}, && || (a) & (b), True, False
  products     2q(1-q), 2 (q-c)^2, \\cdot, \\times
  TeX          \\frac{a}{b} \\sqrt{a} \\left( ^{2} \\lambda \\begin{cases} ... \\end{cases}
  left sides   R(q, c) = ..., reward = ..., return ..., lambda q, c: ..., def f(q, c): return ...

answered with the line to type:
  y o outcome  write c; for an event that nobody chooses add --forecast
  p pred y_hat write q; the true probability is not a variable, the verdict is about every p
  1/2(q-c)^2   ambiguous: write (1/2)*(q-c)^2
  (q-c)2       a power that was lost in copying: write (q-c)^2"""


def print_formulas(_: argparse.Namespace) -> int:
    """Print the page about formulas."""
    from scoring_theory.cli.terminal import refilled, width_of

    print(refilled(FORMULAS, width_of(sys.stdout)))
    return 0
