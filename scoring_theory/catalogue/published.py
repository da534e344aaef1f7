"""Rewards of papers and trainers with their constants, as functions R(q, c)."""

from __future__ import annotations

from fractions import Fraction

from scoring_theory.catalogue.entry import Entry

PUBLISHED_ENTRIES = (
    Entry(
        key="binary",
        title="binary",
        formula="c",
        source="the verifiable reward of RLVR",
        role="reward",
        proper="weak",
        critical_weight="inf",
        bounded=True,
        published=True,
        notes="constant in q: it gives no incentive for calibrated confidence.",
        missing="no confidence is read.",
    ),
    Entry(
        key="rlcr",
        title="RLCR",
        formula="c - (q - c)^2",
        source="Damani et al. 2025, arXiv 2507.16806, eq. 8",
        role="reward",
        proper="strict",
        critical_weight="1",
        bounded=True,
        published=True,
        notes="correctness plus the Brier score with weight 1, the largest safe weight.",
        missing="as in the code (rlcr_code): a malformed completion has 0 in every component.",
    ),
    Entry(
        key="rlcr_code",
        title="RLCR (code)",
        formula=(
            "1/2 + c/2 + (1 - (q - c)^2)/2 + q/10^6 + (abs(q - 1) < 1/100 or abs(q) < 1/100)/10^6"
        ),
        source=(
            "github.com/damanimehul/RLCR: reward_fns.py and configs/Qwen-7B/hotpot/RLCR.yaml (read"
            " in a public fork)"
        ),
        role="reward",
        proper="no",
        critical_weight=None,
        bounded=True,
        published=True,
        notes=(
            "five components: format, accuracy, brier, mean_confidence, confidence_one_or_zero with"
            " weights 1/2, 1/2, 1/2, 1e-6, 1e-6. The format is assumed to be correct, a constant"
            " 1/2. The last two are meant for logging but have positive weight: the optimal report"
            " is p + 1e-6, and reports within 0.01 of 0 or 1 have a bonus. The math configuration"
            " uses 1e-5."
        ),
        missing=(
            "0 for format, accuracy and brier (an unreadable or out-of-range confidence fails the"
            " format); the logging terms read a missing confidence as 0."
        ),
    ),
    Entry(
        key="rewarding_doubt",
        title="Rewarding Doubt",
        formula=(
            "10*((c*log(clip(q, 0.001, 0.999)) + (1 - c)*log(1 - clip(q, 0.001, 0.999)) + "
            "log(1000)/2)/(log(1000)/2 - log(1000/999)) + c/4)"
        ),
        source=(
            "Stangel et al. 2025, arXiv 2503.02623; github.com/pasta99/RewardingDoubt, "
            "SingleAnswerSetting/util/RLHelper.py"
        ),
        role="reward",
        proper="weak",
        critical_weight="1/(10*log(999)/(log(1000)/2 - log(1000/999)) - 3/2)",
        bounded=True,
        published=True,
        notes=(
            "a clipped log score, normalised as in the code, whose floats 6.907755278982137 and"
            " 0.0010005003335835344 are log(1000) and log(1000/999) here, plus 1/4 for a correct"
            " answer, times 10. Confidence is an integer from 0 to 10, divided by 10. The released"
            " trainer optimises the confidence tokens only, so that the failure of joint optimality"
            " cannot be exploited there; a trainer that also updates the answer tokens can exploit"
            " it."
        ),
        missing="-30: a fixed penalty, below the worst payoff, -10.003.",
    ),
    Entry(
        key="ppo_c_difference",
        title="PPO-C (difference)",
        formula="c + w*(c - m)*(q - 1/2)",
        source=(
            "Leng et al. 2024, arXiv 2410.09724; github.com/SeanLeng1/Reward-Calibration, "
            "calibrated_experience_maker.py"
        ),
        role="reward",
        proper="no",
        critical_weight=None,
        bounded=True,
        published=True,
        constants={"w": 2, "m": Fraction(1, 2)},
        domains={"w": "w > 0", "m": "0 < m < 1"},
        notes=(
            "written for a reward of 0 or 1 instead of the score of a reward model; m is its"
            " running mean (here 1/2), w = 2 as in the Llama script. Linear in q, so that the"
            " optimal report is 0 or 1."
        ),
        missing="confidence 1/2 (5 of 10): the adjustment vanishes.",
    ),
    Entry(
        key="ppo_c_threshold",
        title="PPO-C (threshold)",
        formula="c + w*abs(c)*(q - 1/2)*(1 if c >= m else -1)",
        source=(
            "Leng et al. 2024, arXiv 2410.09724; github.com/SeanLeng1/Reward-Calibration, "
            "calibrated_experience_maker.py"
        ),
        role="reward",
        proper="no",
        critical_weight=None,
        bounded=True,
        published=True,
        constants={"w": Fraction(1, 2), "m": Fraction(1, 2)},
        domains={"w": "w > 0", "m": "0 < m < 1"},
        notes=(
            "the default of the code, w = 1/2. For a reward of 0 or 1, |r| is 0 for a wrong answer,"
            " so that q has no effect there and q = 1 is optimal at every p; with a reward model of"
            " both signs, wrong answers favour a smaller q."
        ),
        missing="confidence 1/2 (5 of 10): the adjustment vanishes.",
    ),
    Entry(
        key="truthrl",
        title="TruthRL",
        formula="2*c - 1",
        source="Wei et al. 2025, arXiv 2509.25760",
        role="reward",
        proper="weak",
        critical_weight="inf",
        bounded=True,
        published=True,
        notes=(
            "+1 correct, -1 wrong, 0 for `I don't know`: abstaining earns more for p < 1/2. No"
            " confidence is stated."
        ),
        missing="no confidence is read.",
        abstain="0",
    ),
    Entry(
        key="nemo_gym_abstention",
        title="NeMo Gym abstention",
        formula="c",
        source=(
            "github.com/NVIDIA-NeMo/Gym, resources_servers/abstention/configs/abstention.yaml"
            " (main, read in November 2026)"
        ),
        role="reward",
        proper="weak",
        critical_weight="inf",
        bounded=True,
        published=True,
        notes=(
            "1 correct, 0 wrong, 1/2 (abstention_reward) for [IDK]: abstaining earns more for"
            " p < 1/2. No confidence is stated."
        ),
        missing="no confidence is read.",
        abstain="1/2",
    ),
    Entry(
        key="dcpo",
        title="DCPO (code)",
        formula="c - (gamma*c + (1 - gamma)*a - q)^2/2",
        source=(
            "Ma et al. 2026, arXiv 2603.09117; github.com/icip-cas/DCPO,"
            " verl/workers/reward_manager/hybrid.py"
        ),
        role="reward",
        proper="no",
        critical_weight=None,
        bounded=True,
        published=True,
        constants={"gamma": Fraction(1, 2), "a": Fraction(1, 2)},
        domains={"gamma": "0 < gamma < 1", "a": "0 <= a <= 1"},
        notes=(
            "a is the accuracy of the group of 8 rollouts (here 1/2), held fixed although this"
            " rollout is one of them. The code gives the accuracy reward before the confidence"
            " tokens and the squared error at the end; here they are added. The optimal report is"
            " gamma p + (1 - gamma) a: unbiased on average, shrunk for each answer."
        ),
        missing=(
            "confidence -1 (0 where tokens are not separated): the squared error is then up to 2."
        ),
    ),
    Entry(
        key="dcpo_absolute",
        title="DCPO (absolute)",
        formula="c - abs(gamma*c + (1 - gamma)*a - q)",
        source="Ma et al. 2026, arXiv 2603.09117, the paper's confidence reward",
        role="reward",
        proper="no",
        critical_weight=None,
        bounded=True,
        published=True,
        constants={"gamma": Fraction(1, 2), "a": Fraction(1, 2)},
        domains={"gamma": "0 < gamma < 1", "a": "0 <= a <= 1"},
        notes=(
            "the absolute error elicits a median: the optimal report jumps from (1 - gamma) a to"
            " gamma + (1 - gamma) a at p = 1/2."
        ),
    ),
    Entry(
        key="log_k",
        title="Log-k",
        formula="c + k*(c*log(q) + (1 - c)*log(1 - q))",
        source="Tan, Lin, Motani and Lee 2026, arXiv 2607.04332",
        role="reward",
        proper="strict",
        critical_weight="0",
        bounded=False,
        published=True,
        constants={"k": 1},
        domains={"k": "k > 0"},
        notes="not jointly optimal for any k.",
    ),
    Entry(
        key="brier_k",
        title="Brier-k",
        formula="c - k*(q - c)^2",
        source="Tan, Lin, Motani and Lee 2026, arXiv 2607.04332",
        role="reward",
        proper="strict",
        critical_weight="1/k",
        bounded=True,
        published=True,
        constants={"k": 2},
        domains={"k": "k > 0"},
        notes="jointly optimal if and only if k <= 1; k = 1 is RLCR.",
    ),
    Entry(
        key="confidence_target",
        title="Kalai target",
        formula="c - (1 - c)*t/(1 - t)",
        source="Kalai, Nachum, Vempala and Zhang 2025, arXiv 2509.04664",
        role="reward",
        proper="weak",
        critical_weight="inf",
        bounded=True,
        published=True,
        constants={"t": Fraction(3, 4)},
        domains={"t": "0 <= t < 1"},
        notes=(
            "correct 1, wrong -t/(1-t), 0 for `I don't know`: abstaining earns more for p < t. No"
            " confidence is stated."
        ),
        missing="no confidence is read.",
        abstain="0",
    ),
)
