"""Does this reward make an agent both right and honest? Check it, design it, replay it, draw it.

    >>> from scoring_theory import brier, correctness
    >>> (correctness + 0.5 * brier).text
    'c - 1/2*(q - c)^2'

Everything here is loaded when it is first used, so that `import scoring_theory` costs next to
nothing. What happens in training over time is in the package `simulations`.
"""

from __future__ import annotations

from scoring_theory.naming import PublicNames

_PUBLIC = PublicNames(
    "scoring_theory",
    {
        "adapters": (
            "FRAMEWORKS",
            "ConfigWarning",
            "Scorer",
            "UnsafeRewardError",
            "as_nemo_gym",
            "as_openrlhf",
            "as_skyrl",
            "as_slime",
            "as_tinker",
            "as_trl",
            "as_trl_parts",
            "as_verifiers",
            "as_verl",
            "export",
            "scorer",
        ),
        "advantage": ("ESTIMATORS", "TRAINERS", "Trainer", "effective_advantage"),
        "calibration": (
            "Forecasts",
            "accuracy",
            "auroc",
            "average_precision",
            "bootstrap_interval",
            "brier_decomposition",
            "brier_score",
            "calibration_error_difference",
            "calibration_error_interval",
            "corp_decomposition",
            "expected_calibration_error",
            "implied_metrics",
            "kuiper",
            "log_loss",
            "maximum_calibration_error",
            "mean_confidence",
            "murphy_diagram",
            "paired_difference",
            "recalibrate",
            "reliability_curve",
            "risk_coverage",
            "smooth_calibration_error",
            "spiegelhalter",
            "thin_bins",
        ),
        "cards": ("Card", "card"),
        "catalogue": (
            "CATALOGUE",
            "PUBLISHED",
            "binary",
            "brier",
            "correctness",
            "log",
            "rlcr",
            "spherical",
        ),
        "checkers": ("CHECKERS", "exact_match", "math_verify"),
        "checking": ("Report", "check"),
        "checking.compare": ("Comparison", "compare"),
        "checking.paragraph": ("paragraph",),
        "configs": ("ConfigReading", "read_config"),
        "designing": ("Design", "Repair", "design", "repair"),
        "probing": ("Probe", "probe"),
        "readers": ("READERS", "Reader"),
        "replaying": ("Calibration", "Replay", "calibrate", "replay"),
        "reward": ("Reward",),
        "rollouts": ("Rollouts", "read_rollouts", "rollouts_from_frame"),
        "thresholds": ("ThresholdDistribution",),
        "verdict": ("Verdict",),
        "watching": ("ConfidenceMonitor", "watch_trl"),
    },
    {
        # scikit-learn
        "brier_score_loss": "it is `brier_score(correct, confidence)` here, a loss as there",
        "d2_brier_score": (
            "the skill of a Brier score is 1 - brier_score(...) / uncertainty, see"
            " `brier_decomposition`"
        ),
        "d2_log_loss_score": (
            "divide `log_loss(...)` by that of the constant forecast `accuracy(...)`"
        ),
        "roc_auc_score": "it is `auroc(correct, confidence)` here",
        "roc_curve": (
            "confidence that ranks answers is drawn as risk against coverage: `risk_coverage`"
        ),
        "auc": (
            "the area under the ROC curve is `auroc`, that under risk against coverage is in"
            " `risk_coverage`"
        ),
        "average_precision_score": "it is `average_precision(correct, confidence)` here",
        "precision_recall_curve": "see `average_precision`, and `risk_coverage` for the curve",
        "accuracy_score": "it is `accuracy` here: the share of correct answers",
        "balanced_accuracy_score": (
            "an answer is correct or not, so there are no classes to balance; see `accuracy`"
        ),
        "f1_score": (
            "an answer is correct or not, so there is no F1; see `accuracy` and `risk_coverage`"
        ),
        "confusion_matrix": (
            "an answer is correct or not; see `reliability_curve` for frequencies by confidence"
        ),
        "det_curve": "answers ranked by confidence are drawn by `risk_coverage`",
        "top_k_accuracy_score": "one answer is judged at a time; see `accuracy`",
        "zero_one_loss": "it is 1 - accuracy(correct, confidence)",
        "calibration_curve": "it is `reliability_curve` here, with confidence bands",
        "CalibrationDisplay": (
            "draw a reliability diagram with scoring_theory.plotting.reliability_diagram(forecasts)"
        ),
        "CalibratedClassifierCV": "confidences are recalibrated, cross-fitted, by `recalibrate`",
        "IsotonicRegression": "isotonic recalibration is `recalibrate(..., method='isotonic')`",
        "mean_squared_error": "the mean squared error of confidences is `brier_score`",
        "make_scorer": "every metric takes (correct, confidence), as scikit-learn's scorers expect",
        # scoringrules
        "log_score": (
            "it is `log_loss(correct, confidence)` here, smaller is better; `log` is the score as a"
            " reward"
        ),
        "rps_score": (
            "only yes/no events are scored here; see `brier_score`, or the package scoringrules"
        ),
        "rls_score": (
            "only yes/no events are scored here; see `log_loss`, or the package scoringrules"
        ),
        "crps_ensemble": (
            "forecasts of quantities are scored by the package scoringrules; here, events:"
            " `brier_score`"
        ),
        "crps_normal": (
            "forecasts of quantities are scored by the package scoringrules; here, events:"
            " `brier_score`"
        ),
        "crps_beta": (
            "forecasts of quantities are scored by the package scoringrules; here, events:"
            " `brier_score`"
        ),
        "crps_binomial": (
            "forecasts of counts are scored by the package scoringrules; here, events:"
            " `brier_score`"
        ),
        "crps_quantile": (
            "forecasts of quantities are scored by the package scoringrules; here, events:"
            " `brier_score`"
        ),
        "twcrps_ensemble": (
            "thresholds are weighted by `design` here; for quantities use the package scoringrules"
        ),
        "owcrps_ensemble": (
            "thresholds are weighted by `design` here; for quantities use the package scoringrules"
        ),
        "es_ensemble": "multivariate forecasts are scored by the package scoringrules",
        "vs_ensemble": "multivariate forecasts are scored by the package scoringrules",
        "logs_normal": (
            "forecasts of quantities are scored by the package scoringrules; here, events:"
            " `log_loss`"
        ),
        "logs_ensemble": (
            "forecasts of quantities are scored by the package scoringrules; here, events:"
            " `log_loss`"
        ),
        "logs_beta": (
            "forecasts of quantities are scored by the package scoringrules; here, events:"
            " `log_loss`"
        ),
        "dss_uv_ensemble": "forecasts of quantities are scored by the package scoringrules",
        "interval_score": "interval forecasts are scored by the package scoringrules",
        "weighted_interval_score": "interval forecasts are scored by the package scoringrules",
        "quantile_score": "quantile forecasts are scored by the package scoringrules",
        "error_spread_score": "ensemble forecasts are scored by the package scoringrules",
        # TRL
        "accuracy_reward": (
            "`as_trl('c')` rewards correctness alone; `as_trl(rlcr)` confidence as well"
        ),
        "reasoning_accuracy_reward": "`as_trl` reads the answer after `</think>`; see `as_trl`",
        "think_format_reward": (
            "a completion that cannot be read earns `missing`: as_trl(reward, missing=...)"
        ),
        "get_soft_overlong_punishment": (
            "length is not rewarded here; TRL adds several reward functions up"
        ),
        "GRPOTrainer": "import it from trl, and give it reward_funcs=as_trl(...)",
        "GRPOConfig": "import it from trl; scale_rewards='none' keeps the reward that was checked",
        "RLOOTrainer": "import it from trl, and give it reward_funcs=as_trl(...)",
        "RLOOConfig": (
            "import it from trl; check(reward, estimator='trl_rloo') says what its defaults do"
        ),
        "DPOTrainer": "import it from trl; it takes preferences, not rewards",
        "PPOTrainer": (
            "import it from trl; a reward function for TRL's online trainers is as_trl(...)"
        ),
        "RewardTrainer": "import it from trl; rewards here are formulas, not models",
        "SFTTrainer": "import it from trl; it takes no reward",
        "TrainerCallback": "import it from transformers",
        "reward_funcs": "it is an argument of trl.GRPOTrainer: reward_funcs=as_trl(...)",
        "reward_weights": (
            "check(reward, components=[(name, weight, reward), ...]) checks a weighted sum"
        ),
        "scale_rewards": (
            "check(reward, estimator='trl_default') checks 'group', estimator='dr_grpo' checks"
            " 'none'"
        ),
        "num_generations": "it is `group_size` in check(reward, estimator=..., group_size=...)",
        "loss_type": (
            "TRL's loss type does not change which answer and confidence are best; see"
            " docs/theory.md, 7"
        ),
        "dr_grpo": "it is the name of a trainer: check(reward, estimator='dr_grpo')",
        "gdpo": "it is the name of a trainer: check(reward, estimator='gdpo')",
        "trl_default": "it is the name of a trainer: check(reward, estimator='trl_default')",
        # commands and their packages
        "verify": (
            "use proofs.kernel.verifier.verify(certificate), or `scoring-theory verify FILE`"
        ),
        "simulate": (
            "training is simulated by the package simulations: from simulations import run,"
            " Experiment"
        ),
        "figures": (
            "all figures are drawn by `scoring-theory figures`; the functions are in"
            " scoring_theory.plotting"
        ),
        "reproduce": "it is a command: `scoring-theory reproduce`",
        "Experiment": "it is in the package simulations: from simulations import Experiment",
        "Quantity": "it is in the package proofs: from proofs.quantity import Quantity",
        "ece": "it is `expected_calibration_error(correct, confidence)`",
        "accuracy_margin": "check(reward).accuracy_margin says so, exactly",
        "critical_weight": "check(reward).critical_weight says so, exactly",
        "threshold_density": "check(reward).threshold_density says so, exactly",
        "best_report": "check(reward).best_report, or reward.best_report(p) in numbers",
        "expected_reward": "it is a method: reward.expected_reward(p, q)",
        "verify_certificate": "use proofs.kernel.verifier.verify or `scoring-theory verify FILE`",
        "Certificate": "certificates are plain data: check(reward).certificates",
        "replay_rollouts": "it is `replay(rollouts, rewards)`",
        "load_rollouts": "a log is read here by `read_rollouts(path)`",
        "export_reward": "it is `export(reward, path, framework=...)`",
        "logarithmic": "the log score is `log`",
        "rules": "the catalogue of named scores and rewards is CATALOGUE",
        "list_rules": "the catalogue of named scores and rewards is CATALOGUE",
        "savage": "a reward from its expected score is Reward.from_value('p^2')",
        "schervish": "a reward from its threshold weights is Reward.from_density('2')",
        "mixture": "mixtures of threshold bets are made by ThresholdDistribution",
        "plot_reward": "draw it with scoring_theory.plotting.before_training(['c - (q - c)^2'])",
        "check_batch": (
            "`scoring-theory check --batch FILE` checks one formula per line; in Python call"
            " check(...) for each"
        ),
        "latex": "paragraph(check(reward), 'latex') is for a paper; reward.latex() is the formula",
        "side_by_side": "compare(reward, another) puts rewards side by side in one table",
        "is_proper": "check(reward).proper says so, with its proof",
        "plot": "the drawings are in scoring_theory.plotting",
    },
)
__getattr__, __dir__, __all__ = _PUBLIC.get, _PUBLIC.dir, _PUBLIC.all()
