"""Rewards as papers and trainers define them, with their constants, as functions of confidence q and correctness c."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from scoring_theory.catalogue.shown import Shown
from scoring_theory.display import Named
from scoring_theory.reward import Reward


@dataclass(frozen=True, repr=False)
class Published(Shown):
    """A published reward: its formula, the constants it was used with, and what was assumed to write it in q and c.

    Attributes:
        key: its name in `PUBLISHED`.
        title: its name in tables.
        formula: R(q, c) as text.
        source: the paper and equation, or the public file.
        constants: the value of each parameter in the source.
        domains: the values that a parameter may take.
        notes: assumptions, and what to know.
        missing: what the source pays when no confidence can be read.

    Example:
        >>> PUBLISHED["rlcr"].reward.text
        'c - (q - c)^2'
    """

    key: str
    title: str
    formula: str
    source: str
    constants: Mapping[str, Fraction | int] = field(default_factory=dict)
    domains: Mapping[str, str] = field(default_factory=dict)
    notes: str = ""
    missing: str = ""

    @property
    def reward(self) -> Reward:
        """The reward with the constants of its source; for other constants, bind those of `family`."""
        return self.family.bind(**self.constants)

    @property
    def family(self) -> Reward:
        """The reward with its parameters free."""
        return Reward.parse(self.formula, name=self.title, source=self.source, parameters=dict(self.domains))


_ALL = (
    Published(
        key="binary",
        title="binary",
        formula="c",
        source="the verifiable reward of RLVR",
        notes="flat in q: it gives the confidence no gradient of its own.",
        missing="nothing is read.",
    ),
    Published(
        key="rlcr",
        title="RLCR",
        formula="c - (q - c)^2",
        source="Damani et al. 2025, arXiv 2507.16806, eq. 8",
        notes="the Brier score at weight 1, the largest that is safe.",
        missing="see the code reward below: a malformed completion earns 0 in every component.",
    ),
    Published(
        key="rlcr_code",
        title="RLCR (code)",
        formula="1/2 + c/2 + (1 - (q - c)^2)/2 + q/10^6 + (abs(q - 1) < 1/100 or abs(q) < 1/100)/10^6",
        source=(
            "github.com/damanimehul/RLCR: reward_fns.py and configs/Qwen-7B/hotpot/RLCR.yaml (read in a public fork)"
        ),
        notes=(
            "five components: format, accuracy, brier, mean_confidence, confidence_one_or_zero with weights "
            "1/2, 1/2, 1/2, 1e-6, 1e-6. Format is taken to be right, so it is the constant 1/2. The last two "
            "were meant for logging, and they pay: the best report is p + 1e-6, and a bonus waits within 0.01 "
            "of both ends. The math configuration uses 1e-5."
        ),
        missing=(
            "0 for format, accuracy and brier (an unreadable or out-of-range confidence fails the format); the "
            "logging terms read a missing confidence as 0."
        ),
    ),
    Published(
        key="rewarding_doubt",
        title="Rewarding Doubt",
        formula=(
            "10*((c*log(clip(q, 0.001, 0.999)) + (1 - c)*log(1 - clip(q, 0.001, 0.999)) + "
            "6.907755278982137/2)/(6.907755278982137/2 - 0.0010005003335835344) + c/4)"
        ),
        source=(
            "Stangel et al. 2025, arXiv 2503.02623; github.com/pasta99/RewardingDoubt, "
            "SingleAnswerSetting/util/RLHelper.py"
        ),
        notes=(
            "a clipped log score, normalised as in the code, plus 1/4 for a correct answer, times 10. "
            "Confidence is an integer from 0 to 10, divided by 10. The released trainer optimises the "
            "confidence tokens only, so that the failure of joint optimality cannot be exploited there; a "
            "trainer that also moves the answer can exploit it."
        ),
        missing="-30: a fixed penalty, below the worst honest payoff, -10.003.",
    ),
    Published(
        key="ppo_c_difference",
        title="PPO-C (difference)",
        formula="c + w*(c - m)*(q - 1/2)",
        source=(
            "Leng et al. 2024, arXiv 2410.09724; github.com/SeanLeng1/Reward-Calibration, "
            "calibrated_experience_maker.py"
        ),
        constants={"w": 2, "m": Fraction(1, 2)},
        domains={"w": "w > 0", "m": "0 < m < 1"},
        notes=(
            "written for a reward that is 1 or 0 instead of a reward model's score; m is its running mean (here "
            "1/2), w = 2 as in the Llama script. Linear in q, so the best report is 0 or 1."
        ),
        missing="confidence 1/2 (5 of 10): the adjustment vanishes.",
    ),
    Published(
        key="ppo_c_threshold",
        title="PPO-C (threshold)",
        formula="c + w*abs(c)*(q - 1/2)*(1 if c >= m else -1)",
        source=(
            "Leng et al. 2024, arXiv 2410.09724; github.com/SeanLeng1/Reward-Calibration, "
            "calibrated_experience_maker.py"
        ),
        constants={"w": Fraction(1, 2), "m": Fraction(1, 2)},
        domains={"w": "w > 0", "m": "0 < m < 1"},
        notes=(
            "the default of the code, w = 1/2. On a 0/1 reward |r| is 0 for a wrong answer, so confidence is "
            "free there and q = 1 is best at every p; with a reward model of both signs the wrong side pushes q "
            "down."
        ),
        missing="confidence 1/2 (5 of 10): the adjustment vanishes.",
    ),
    Published(
        key="truthrl",
        title="TruthRL",
        formula="(2*c - 1)*(q > 1/2)",
        source="Wei et al. 2025, arXiv 2509.25760",
        notes=(
            "+1 correct, 0 abstain, -1 wrong. TruthRL states no confidence: abstaining is modelled as q <= 1/2, "
            "because answering pays exactly above p = 1/2. Twice the threshold bet at 1/2."
        ),
        missing="an answer without a confidence is an answer: +1 or -1.",
    ),
    Published(
        key="dcpo",
        title="DCPO (code)",
        formula="c - (gamma*c + (1 - gamma)*a - q)^2/2",
        source="Ma et al. 2026, arXiv 2603.09117; github.com/icip-cas/DCPO, verl/workers/reward_manager/hybrid.py",
        constants={"gamma": Fraction(1, 2), "a": Fraction(1, 2)},
        domains={"gamma": "0 < gamma < 1", "a": "0 <= a <= 1"},
        notes=(
            "a is the accuracy of the group of 8 rollouts (here 1/2), held fixed although this rollout is one "
            "of them. The code pays accuracy before the confidence tokens and the squared error at the end; "
            "here they are added. The best report is gamma p + (1 - gamma) a: right on average, shrunk for each "
            "answer."
        ),
        missing="confidence -1 (0 where tokens are not separated): the squared error then costs up to 2.",
    ),
    Published(
        key="dcpo_absolute",
        title="DCPO (absolute)",
        formula="c - abs(gamma*c + (1 - gamma)*a - q)",
        source="Ma et al. 2026, arXiv 2603.09117, the paper's confidence reward",
        constants={"gamma": Fraction(1, 2), "a": Fraction(1, 2)},
        domains={"gamma": "0 < gamma < 1", "a": "0 <= a <= 1"},
        notes=(
            "the absolute error asks for a median: the best report jumps from (1 - gamma) a to gamma + (1 - "
            "gamma) a at p = 1/2."
        ),
    ),
    Published(
        key="log_k",
        title="Log-k",
        formula="c + k*(c*log(q) + (1 - c)*log(1 - q))",
        source="Tan, Lin, Motani and Lee 2026, arXiv 2607.04332",
        constants={"k": 1},
        domains={"k": "k > 0"},
        notes="hackable for every k.",
    ),
    Published(
        key="brier_k",
        title="Brier-k",
        formula="c - k*(q - c)^2",
        source="Tan, Lin, Motani and Lee 2026, arXiv 2607.04332",
        constants={"k": 2},
        domains={"k": "k > 0"},
        notes="hackable exactly when k > 1; k = 1 is RLCR.",
    ),
    Published(
        key="confidence_target",
        title="Kalai target",
        formula="(c - (1 - c)*t/(1 - t))*(q > t)",
        source="Kalai, Nachum, Vempala and Zhang 2025, arXiv 2509.04664",
        constants={"t": Fraction(3, 4)},
        domains={"t": "0 <= t < 1"},
        notes="correct 1, wrong -t/(1-t), `I don't know` 0, modelled as q <= t.",
        missing="an answer without a confidence is an answer.",
    ),
)

PUBLISHED: Mapping[str, Published] = Named(
    "PUBLISHED", {published.key: published for published in _ALL}, columns=("title", "formula", "source")
)
