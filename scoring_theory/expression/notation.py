r"""The words and signs of papers and programs, and what they are in the kernel's grammar.

Only tables; `scoring_theory.expression.aliases` applies them to formulas that the grammar refuses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

CONFIDENCE_WORDS = (
    "conf", "confidence", "stated_confidence", "verbalized_confidence", "confidence_score",
    "prob", "probability", "y_prob", "p_hat", "q_hat",
)  # fmt: skip
CORRECT_WORDS = ("correct", "correctness", "is_correct", "iscorrect", "label", "acc", "accuracy")
WRONG_WORDS = ("incorrect", "is_incorrect", "wrong", "is_wrong")
OUTCOME_WORDS = (
    "y", "o", "outcome", "event", "target", "y_true", "ground_truth",
)  # fmt: skip
FORECAST_WORDS = ("p", "f", "forecast", "pred", "y_pred", "y_hat", "prediction")
"""Words that are not guessed: each is answered with the formula in q and c."""
MODULES = frozenset((
    "np", "numpy", "jnp", "jax", "math", "torch", "tf", "tensorflow", "scipy", "special", "sp",
    "sympy", "F", "nn", "mx", "cp", "xp", "self",
))  # fmt: skip
GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "η": "eta",
    "θ": "theta", "κ": "kappa", "λ": "lam", "μ": "mu", "ν": "nu", "ρ": "rho", "σ": "sigma",
    "τ": "tau", "φ": "phi", "ω": "omega",
}  # fmt: skip
SIGNS = {
    "−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "≤": "<=", "≥": ">=",
    "≠": "!=", "≡": "==", "∧": " and ", "∨": " or ", "¬": " not ", "√": " sqrt ", "½": "(1/2)",
    "¼": "(1/4)", "¾": "(3/4)", "⅓": "(1/3)", "⅔": "(2/3)", "ˆ": "^", "𝟙": r"\mathbb{1}",
    "𝟏": r"\mathbb{1}", "𝕀": r"\mathbb{1}", "∣": "|", "‖": "|",
}  # fmt: skip
LETTERS = str.maketrans({**SIGNS, **GREEK})
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
UNSIGNED = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
TOKEN = re.compile(
    rf"(\s*)({UNSIGNED}|[A-Za-z_]\w*|\\(?:left|right)\||\\[A-Za-z]+|\\.|\*\*|[<>=!:]=|&&|\|\||->|\S)"
)
NAME = re.compile(r"[A-Za-z_]\w*")
OPEN = {"(": ")", "[": "]", "{": "}"}
TEX_WORDS = {
    r"\cdot": "*", r"\times": "*", r"\ast": "*", r"\div": "/", r"\le": "<=", r"\leq": "<=",
    r"\leqslant": "<=", r"\ge": ">=", r"\geq": ">=", r"\geqslant": ">=", r"\ne": "!=",
    r"\neq": "!=", r"\lt": "<", r"\gt": ">", r"\equiv": "==", r"\land": "and", r"\wedge": "and",
    r"\lor": "or", r"\vee": "or", r"\lnot": "not", r"\neg": "not", r"\lbrace": "{",
    r"\rbrace": "}", r"\lbrack": "[", r"\rbrack": "]", r"\{": "{", r"\}": "}", r"\|": "|",
    r"\vert": "|", r"\left|": r"\lvert", r"\right|": r"\rvert",
    r"\coloneqq": ":=", r"\triangleq": ":=",
    r"\dfrac": r"\frac", r"\tfrac": r"\frac", r"\cfrac": r"\frac", r"\_": "_", "&&": "and",
    "||": "or", ":=": "=",
}  # fmt: skip
TEX_SPACE = {
    r"\left", r"\right", r"\middle", r"\big", r"\Big", r"\bigl", r"\bigr", r"\Bigl", r"\Bigr",
    r"\bigg", r"\Bigg", r"\biggl", r"\biggr", r"\,", r"\;", r"\:", r"\!", "\\ ", r"\quad",
    r"\qquad", r"\displaystyle", r"\limits", r"\[", r"\]", r"\(", r"\)", "$", "\\\n",
}  # fmt: skip
TEX_FONTS = {
    r"\text", r"\textrm", r"\textit", r"\textbf", r"\mathrm", r"\mathit", r"\mathbf", r"\mathsf",
    r"\mathbb", r"\mathds", r"\mathbbm", r"\operatorname", r"\mathcal", r"\boldsymbol",
}  # fmt: skip
TEX_HATS = {r"\hat", r"\widehat"}
TEX_FUNCTIONS = {r"\log", r"\ln", r"\exp", r"\sqrt", r"\min", r"\max"}
TEX_GREEK = {
    rf"\{name}": name
    for name in (*(name for name in GREEK.values() if name != "lam"), "varepsilon", "varphi")
} | {r"\lambda": "lam"}
INDICATORS = ("I", "indicator", "Indicator")
CONDITION = {"<", "<=", "==", "!=", ">", ">=", "and", "or", "not"}
BINARY = {"+", "-", "*", "/", "**", "^", "<", "<=", "==", "!=", ">", ">=", "and", "or"}
KEYWORDS = {"a_min": 1, "a_max": 2, "min": 1, "max": 2}  # of clip and clamp, with their places
KEPT = {"float", "double", "item", "detach", "cpu", "numpy", "squeeze", "clone", "astype", "to"}
OVER_ANSWERS = {"mean", "sum", "std", "var"}

FUNCTIONS: Mapping[str, Mapping[int, str]] = {
    "log": {1: "log({0})", 2: "(log({0})/log({1}))"},
    "ln": {1: "log({0})"},
    "log2": {1: "(log({0})/log(2))"},
    "log10": {1: "(log({0})/log(10))"},
    "log1p": {1: "log(1 + ({0}))"},
    "exp": {1: "exp({0})"},
    "expm1": {1: "(exp({0}) - 1)"},
    "exp2": {1: "(2^({0}))"},
    "sqrt": {1: "sqrt({0})"},
    "abs": {1: "abs({0})"},
    "absolute": {1: "abs({0})"},
    "fabs": {1: "abs({0})"},
    "square": {1: "(({0})^2)"},
    "pow": {2: "(({0})^({1}))"},
    "power": {2: "(({0})^({1}))"},
    "reciprocal": {1: "(1/({0}))"},
    "minimum": {2: "min({0}, {1})"},
    "fmin": {2: "min({0}, {1})"},
    "maximum": {2: "max({0}, {1})"},
    "fmax": {2: "max({0}, {1})"},
    "clip": {3: "clip({0}, {1}, {2})"},
    "clamp": {3: "clip({0}, {1}, {2})"},
    "where": {3: "(({1}) if ({0}) else ({2}))"},
    "sign": {1: "((({0}) > 0) - (({0}) < 0))"},
    "relu": {1: "max({0}, 0)"},
    "sigmoid": {1: "(1/(1 + exp(-({0}))))"},
    "expit": {1: "(1/(1 + exp(-({0}))))"},
    "logit": {1: "log(({0})/(1 - ({0})))"},
    "xlogy": {2: "(({0})*log({1}))"},
    "float": {1: "({0})"},
    "float32": {1: "({0})"},
    "float64": {1: "({0})"},
    "double": {1: "({0})"},
    "asarray": {1: "({0})"},
    "array": {1: "({0})"},
    "tensor": {1: "({0})"},
}
"""What a function of NumPy, math or PyTorch is in the grammar, by its number of arguments."""
TRUTHS = ("int", "bool", "long")
"""Conversions that keep a condition and would round anything else."""
