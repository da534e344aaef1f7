"""Ten reward functions with a defect each, written as such functions are published."""

import math
import re

CONFIDENCE = re.compile(r"<confidence>(.*?)</confidence>", re.DOTALL)
ANSWER = re.compile(r"<answer>(.*?)</answer>", re.DOTALL)


def extract(text, pattern):
    found = pattern.search(text)
    return found.group(1).strip() if found else None


def to_float(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def is_right(text, answer):
    return float(extract(text, ANSWER) == answer)


# 1: the cap removes the difference between q = 0.7 and q = 1
def capped_brier_with_bonus(completions, answer, **kwargs):
    rewards = []
    for completion, gold in zip(completions, answer):
        c, q = is_right(completion, gold), to_float(extract(completion, CONFIDENCE))
        if q is None or not 0 <= q <= 1:
            rewards.append(-1.0)
            continue
        rewards.append(min(1.0, c - (q - c) ** 2 + 0.1))
    return rewards


# 2: linear in the confidence, so that 0 and 1 are best
def symmetric_linear(completions, solution, **kwargs):
    rewards = []
    for completion, gold in zip(completions, solution):
        q = to_float(extract(completion, CONFIDENCE))
        if q is None or not 0 <= q <= 1:
            rewards.append(-1.0)
        elif extract(completion, ANSWER) == gold:
            rewards.append(2 * (q - 0.5))
        else:
            rewards.append(2 * (0.5 - q))
    return rewards


# 3: the prompt asks for a percentage, and 85 is taken as 85
def percent_read_as_is(data_source, solution_str, ground_truth, extra_info=None):
    c = is_right(solution_str, ground_truth)
    q = to_float(extract(solution_str, CONFIDENCE))
    if q is None or not math.isfinite(q) or not 0 <= q <= 100:
        return {"score": -1e9, "acc": 0.0}
    return {"score": c - (q - c) ** 2, "acc": c}


# 4: the logarithm of a confidence from 0 to 10, clipped, as in "Rewarding Doubt"
def log10_of_ten(completions, ground_truth, **kwargs):
    rewards = []
    for completion, gold in zip(completions, ground_truth):
        content = completion[0]["content"]
        found = re.search(r"<confidence>\s*(\d+)\s*</confidence>", content)
        if not found or int(found.group(1)) > 10:
            rewards.append(-3.0)
            continue
        q = min(max(int(found.group(1)) / 10, 0.001), 0.999)
        right = extract(content, ANSWER) == gold
        rewards.append(math.log10(q) if right else math.log10(1 - q))
    return rewards


# 5: a penalty of its own, and no confidence counts as 0
def penalty_without_confidence(completions, answer, **kwargs):
    rewards = []
    for completion, gold in zip(completions, answer):
        c = is_right(completion, gold)
        q = to_float(extract(completion, CONFIDENCE))
        penalty = 0.0 if q is None or not 0 <= q <= 1 else -((q - c) ** 2)
        rewards.append(c + penalty)
    return rewards


# 6: "nan" is neither below 0 nor above 1
def nan_through(data_source, solution_str, ground_truth, extra_info=None):
    c = is_right(solution_str, ground_truth)
    q = to_float(extract(solution_str, CONFIDENCE))
    if q is None or q < 0 or q > 1:
        return -1.0
    return c - (q - c) ** 2


# 7: a bonus for being sure
def endpoint_bonus(completions, answer, **kwargs):
    rewards = []
    for completion, gold in zip(completions, answer):
        c, q = is_right(completion, gold), to_float(extract(completion, CONFIDENCE))
        if q is None or not 0 <= q <= 1:
            rewards.append(-1.0)
            continue
        bonus = 0.1 if q in (0.0, 1.0) else 0.0
        rewards.append(c - (q - c) ** 2 + bonus)
    return rewards


# 8: the format counts as soon as the tags are there, whatever is between them
def format_bonus_outweighs(queries, prompts, labels, **kwargs):
    rewards = []
    for query, prompt, label in zip(queries, prompts, labels):
        text = query[len(prompt) :]
        c, said = is_right(text, label), extract(text, CONFIDENCE)
        reward = c + (0.5 if said is not None and "<answer>" in text else -1.0)
        q = to_float(said)
        if q is not None and 0 <= q <= 1:
            reward -= (q - c) ** 2
        rewards.append(reward)
    return {"rewards": rewards, "scores": rewards, "extra_logs": {}}


# 9: partial credit in a formula for right and wrong
def graded_with_square(completions, answer, **kwargs):
    rewards = []
    for completion, gold in zip(completions, answer):
        q = to_float(extract(completion, CONFIDENCE))
        if q is None or not 0 <= q <= 1:
            rewards.append(-1.0)
            continue
        known = set(gold.split())
        score = len(known & set((extract(completion, ANSWER) or "").split())) / len(known)
        rewards.append(score - (q - score) ** 2)
    return rewards


# 10: either is safe, and their sum is not
def accuracy_with_brier(completions, answer, **kwargs):
    rewards = []
    for completion, gold in zip(completions, answer):
        c, q = is_right(completion, gold), to_float(extract(completion, CONFIDENCE))
        rewards.append(-1.0 if q is None or not 0 <= q <= 1 else c - (q - c) ** 2)
    return rewards


def calibration_only(completions, answer, **kwargs):
    rewards = []
    for completion, gold in zip(completions, answer):
        c, q = is_right(completion, gold), to_float(extract(completion, CONFIDENCE))
        rewards.append(-1.0 if q is None or not 0 <= q <= 1 else -((q - c) ** 2))
    return rewards
