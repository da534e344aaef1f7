# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # Reading a proof
#
# `check` says "proved". Why should you believe it? You need not trust the program that found the proof,
# nor any of the libraries it used. It wrote a **certificate**, and a small separate program, the
# **kernel**, reads the certificate and accepts or rejects it. This notebook reads one certificate by
# hand, tries to cheat the kernel, and ends with the general theorems, which Coq has checked.
#
# | | |
# |---|---|
# | **You will learn** | what a certificate holds; how to check a counterexample with fractions and a proof with a derivative; what is trusted in the end |
# | **Time** | 40 minutes |
# | **You need** | notebook 03; derivatives of polynomials |

# %% slideshow={"slide_type": "skip"}
from importlib.util import find_spec
from pathlib import Path

if find_spec("scoring_theory") is None:  # then install it from the wheel beside this notebook
    wheels = sorted(Path().resolve().glob("scoring_theory-*.whl"))
    assert wheels, "put the file scoring_theory-...-py3-none-any.whl beside this notebook"
    # %pip install --quiet "{wheels[-1]}[notebooks]"

# %% slideshow={"slide_type": "skip"}
import json
from fractions import Fraction

import sympy
from IPython.display import Markdown

import proofs
from proofs.kernel.normal_form import Rejected
from proofs.kernel.verifier import CLAIMS, verify
from proofs.to_coq import coq_of
from scoring_theory import Reward, check

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A refutation is an example
#
# To refute a claim, one example is enough. Here is the certificate that twice the Brier penalty is not
# jointly optimal:

# %%
refutation = check("c - 2*(q - c)^2").jointly_optimal.certificate
print(json.dumps(refutation, indent=1))
assert refutation["claim"] == "not jointly optimal"

# %% [markdown]
# It says: a worse answer (`p_low` = 0) with the report `q_low` = 0 earns more than the better answer
# (`p_high` = 1/4) with its honest report. Put the numbers in, with fractions, so that nothing is rounded:

# %%
p_low, q_low, p_high = (Fraction(refutation[key]) for key in ("p_low", "q_low", "p_high"))
worse = p_low * (1 - 2 * (q_low - 1) ** 2) + (1 - p_low) * (0 - 2 * q_low**2)
better = p_high * (1 - 2 * (p_high - 1) ** 2) + (1 - p_high) * (0 - 2 * p_high**2)
print("the worse answer earns", worse, "and the better one", better)
assert (worse, better) == (0, Fraction(-1, 8))
assert p_low < p_high
assert worse > better

# %% [markdown] slideshow={"slide_type": "fragment"}
# That is all the kernel does, too. This was a complete proof.
#
# ## A proof for all numbers
#
# "Strictly proper" is a claim about all $p$ and $q$, and no list of examples proves it. Here is the
# certificate for RLCR:

# %%
report = check("c - (q - c)^2")
proof = report.strictly_proper.certificate
print(json.dumps(proof))
assert proof["claim"] == "strictly proper"
assert verify(proof) == "c - (q - c)^2 is strictly proper"

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What the kernel does with it
#
# It derives everything again from the formula. With $f(q) = R(q, 1)$ and $g(q) = R(q, 0)$ it checks two
# things, between 0 and 1 ([Theorem 3](../docs/theory.md#theorem-3)):
#
# 1. $q\,f'(q) + (1 - q)\,g'(q) = 0$ for every $q$: at the truth, the expected reward is level;
# 2. $w(q) = f'(q) - g'(q) > 0$: it rises before the truth and falls after it.
#
# Why is that enough? The expected reward $U(p, q) = p f(q) + (1 - p) g(q)$ has the derivative
# $(p - q)\,w(q)$ in $q$: positive below $p$, negative above. So it is largest at $q = p$ alone. By hand,
# with algebra:

# %%
p, q = sympy.symbols("p q")
f, g = 1 - (q - 1) ** 2, -(q**2)
identity = sympy.expand(q * sympy.diff(f, q) + (1 - q) * sympy.diff(g, q))
weight = sympy.expand(sympy.diff(f, q) - sympy.diff(g, q))
slope = sympy.diff(p * f + (1 - p) * g, q)
print("q f' + (1 - q) g' =", identity, "    w =", weight)
assert identity == 0
assert weight == 2
assert sympy.expand(slope - (p - q) * weight) == 0

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Where is the evidence?
#
# For RLCR $w = 2$, which is obviously positive. For other rewards $w$ is a polynomial, and "positive
# between 0 and 1" needs an argument. One kind of evidence is called `terms`: put $q = x/(1 + x)$ with
# $x > 0$, clear the denominator, and look at the coefficients. If all are at least 0, a sum of products
# of positive numbers cannot be negative. An example, with $w = 4 (3 q^2 - 3 q + 1)$, which has a minus
# sign and is positive all the same:

# %%
cubic = Reward.from_density("4*(3*t^2 - 3*t + 1)")
w = 4 * (3 * q**2 - 3 * q + 1)
x = sympy.symbols("x", positive=True)
cleared = sympy.expand(sympy.simplify(w.subs(q, x / (1 + x)) * (1 + x) ** 2))
print("4 (3 q^2 - 3 q + 1) (1 + x)^2 =", cleared)
print("times (1 + x):", sympy.expand(cleared * (1 + x)))
assert any(coefficient < 0 for coefficient in sympy.Poly(cleared, x).all_coeffs())
raised = sympy.Poly(sympy.expand(cleared * (1 + x)), x).all_coeffs()
assert all(coefficient >= 0 for coefficient in raised)  # positive: proved
certificate = check(cubic).strictly_proper.certificate
print(certificate["evidence"])
assert verify(certificate)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Try to cheat
#
# Take the good certificate and put another formula into it, or claim too much, or use a counterexample
# that is none. The kernel does not look at who wrote it.

# %%
forgeries = [
    {**proof, "formula": "c - abs(q - c)"},
    {**proof, "formula": "c"},
    {**report.jointly_optimal.certificate, "formula": "c - 2*(q - c)^2"},
    {**refutation, "formula": "c - (q - c)^2"},
    {**refutation, "p_high": "3/4"},
]
rejected = 0
for forgery in forgeries:
    try:
        verify(forgery)
    except Rejected as reason:
        rejected += 1
        print(f"{forgery['claim']} of {forgery['formula']}: rejected, {reason}")
assert rejected == len(forgeries) == 5

# %% [markdown] slideshow={"slide_type": "slide"}
# ## One theorem for all rewards
#
# The kernel checks the margin for a reward. That the margin *decides* joint optimality is a statement
# about all proper rewards ([Theorem 7](../docs/theory.md#theorem-7)). Such statements are checked by Coq,
# a program for mathematical proofs that many people use and trust. Here it is, as Coq reads it (`r p true`
# is $R(p, 1)$):

# %%
source = (Path(proofs.__file__).parent / "coq" / "Margin.v").read_text(encoding="utf-8")
statement = source[source.index("Theorem jointly_optimal_iff_margin") :].split("Proof.")[0]
assert "proper r ->" in statement
assert "<->" in statement
Markdown(f"```coq\n{statement}```")

# %% [markdown]
# The reader of a paper may prefer not to trust the kernel either. For rewards made of polynomial pieces,
# the certificate can be turned into a file that Coq checks by itself:

# %%
coq_file = coq_of(proof)
print("\n".join(line for line in coq_file.splitlines() if line.startswith("Theorem")))
assert "Theorem" in coq_file
assert "Admitted" not in coq_file

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The archive
#
# Every reward of the catalogue has its certificates in the package. All of them are verified in a second
# or two, with Python's standard library alone:

# %%
folder = Path(proofs.__file__).parent / "certificates"
claims = []
for path in sorted(folder.glob("*.json")):
    kept = json.loads(path.read_text(encoding="utf-8"))
    claims += [verify(each) for each in kept.get("certificates", [kept])]
print("all accepted, such as:", claims[-1])
assert len(claims) > 100
assert len(CLAIMS) > 20

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What is trusted
#
# - Python and its standard library, and the kernel: a few thousand lines that search for nothing
#   ([proofs/README.md](../proofs/README.md) explains on one page why acceptance means truth).
# - Coq, for the general theorems.
# - **Not** trusted: the search for proofs, SymPy, NumPy, any solver, this notebook.
#
# And a verdict can be **undecided**: neither a proof nor a counterexample was found. That says nothing about
# the reward.

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Exercises
#
# **1.** Check by hand that $c - 3 (q - c)^2$ is not jointly optimal, with `p_low` = 0 and `p_high` = 1/3.
#
# <details><summary>Solution</summary>
#
# The wrong answer earns 0. The better one earns $V(1/3) = 1/3 - 3 \cdot \tfrac13 \cdot \tfrac23 = -1/3$.
#
# </details>
#
# **2.** For which exponent $n$ is $-|q - c|^n$ proper? Use condition 1.
#
# <details><summary>Solution</summary>
#
# $f = -(1 - q)^n$ and $g = -q^n$ give $q f' + (1 - q) g' = n q (1 - q) ((1 - q)^{n - 2} - q^{n - 2})$. It is 0
# for all $q$ only if $n = 2$: the Brier score.
#
# </details>
#
# **3.** Write a certificate for "$c - 5 (q - c)^2$ is not jointly optimal" yourself, and let the kernel accept
# it.
#
# <details><summary>Solution</summary>
#
# Copy `refutation` and change the formula: the witness $p = 1/4$ still works, since $V(1/4) = 1/4 - 15/16 < 0$.
#
# </details>

# %% tags=["solution"] slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
# The answers, asserted.
third = Fraction(1, 3)
assert third - 3 * third * (1 - third) == -third
assert verify({**refutation, "formula": "c - 3*(q - c)^2", "p_high": "1/3"})
n = sympy.symbols("n")
condition = q * sympy.diff(-((1 - q) ** n), q) + (1 - q) * sympy.diff(-(q**n), q)
factored = n * q * (1 - q) * ((1 - q) ** (n - 2) - q ** (n - 2))
at = {q: sympy.Rational(1, 3)}
assert all(sympy.simplify((condition - factored).subs({**at, n: k})) == 0 for k in (1, 2, 3, 4))
assert sympy.simplify(condition.subs(n, 2)) == 0
assert [check(f"-abs(q - c)^{k}").proper.status for k in (1, 2, 3)] == [
    "refuted",
    "proved",
    "refuted",
]
assert verify({**refutation, "formula": "c - 5*(q - c)^2"})
assert Fraction(1, 4) - 5 * Fraction(1, 4) * Fraction(3, 4) == Fraction(1, 4) - Fraction(15, 16)
