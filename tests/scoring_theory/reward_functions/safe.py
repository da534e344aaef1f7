"""Five reward functions without a defect, written as such functions are published."""

import json
import math
import re

CONFIDENCE = re.compile(r"<confidence>\s*([\d.]+)\s*</confidence>")
ANSWER = re.compile(r"<answer>(.*?)</answer>", re.DOTALL)


# 1: RLCR, in TRL, for chat messages
def rlcr(completions, answer, **kwargs):
    rewards = []
    for completion, gold in zip(completions, answer):
        content = completion[0]["content"]
        answers, said = ANSWER.findall(content), CONFIDENCE.findall(content)
        if len(answers) != 1 or len(said) != 1 or not 0 <= float(said[0]) <= 1:
            rewards.append(-1.0)
            continue
        q, c = float(said[0]), float(answers[0].strip() == gold.strip())
        rewards.append(c - (q - c) ** 2)
    return rewards


# 2: percentages, in verl, divided by 100
def percent(data_source, solution_str, ground_truth, extra_info=None):
    answers = ANSWER.findall(solution_str)
    said = re.findall(r"<confidence>\s*(\d+)\s*</confidence>", solution_str)
    if not answers or not said or int(said[-1]) > 100:
        return {"score": -1.0, "acc": 0.0}
    q, c = int(said[-1]) / 100, float(answers[-1] == ground_truth)
    return {"score": c - (q - c) ** 2, "acc": c}


# 3: JSON, in OpenRLHF, with the spherical score
def spherical(queries, prompts, labels):
    text = queries[0][len(prompts[0]) :]
    try:
        stated = json.loads(text)
        q = float(stated["confidence"])
        c = float(stated["answer"] == labels[0])
    except (ValueError, KeyError, TypeError):
        return {"rewards": -1.0, "scores": -1.0}
    if not (math.isfinite(q) and 0 <= q <= 1):
        return {"rewards": -1.0, "scores": -1.0}
    reward = c + (q if c else 1 - q) / math.sqrt(q**2 + (1 - q) ** 2)
    return {"rewards": reward, "scores": reward}


# 4: a task of verifiers, with components
async def quarter(task, trace):
    text = trace.last_reply
    answers, said = ANSWER.findall(text), CONFIDENCE.findall(text)
    if not answers or not said or float(said[0]) > 1:
        return {"correctness": 0.0, "calibration": -1.0}
    q, c = float(said[0]), float(answers[0] == task.data.answer)
    return {"correctness": c, "calibration": -((q - c) ** 2) / 4}


# 5: two functions, whose weighted sum is safe
def accuracy(completions, solution, **kwargs):
    found = [ANSWER.search(text) for text in completions]
    return [float(bool(each) and each.group(1) == gold) for each, gold in zip(found, solution)]


def calibration(completions, solution, **kwargs):
    rewards = []
    for text, gold in zip(completions, solution):
        answer, said = ANSWER.search(text), CONFIDENCE.search(text)
        if not answer or not said or float(said.group(1)) > 1:
            rewards.append(-2.0)
            continue
        q, c = float(said.group(1)), float(answer.group(1) == gold)
        rewards.append(-((q - c) ** 2))
    return rewards
