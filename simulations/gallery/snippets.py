"""A few lines of Python for each figure of the gallery, which draw it, or one like it.

They use public names only, and are executed by the tests. What needs training trains for a shorter
time than the figure of the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SNIPPETS: Mapping[str, str] = MappingProxyType(
    {
        "before-training": """
from scoring_theory.plotting import before_training, picture

double = picture("c - 2*(q - c)^2", name="c + 2 Brier")
logarithmic = picture("c + log(1 - abs(q - c))", name="c + log")
figure = before_training(["binary", "rlcr", double, logarithmic, "one_sided"])
""",
        "payoffs": """
from scoring_theory.plotting import payoff_curves, picture

double = picture("c - 2*(q - c)^2", name="c + 2 Brier")
logarithmic = picture("c + log(1 - abs(q - c))", name="c + log")
figure = payoff_curves(["binary", "rlcr", double, logarithmic, "one_sided"])
""",
        "values": """
from scoring_theory.plotting import value_curves, picture

double = picture("c - 2*(q - c)^2", name="c + 2 Brier")
logarithmic = picture("c + log(1 - abs(q - c))", name="c + log")
figure = value_curves(["binary", "rlcr", double, logarithmic, "one_sided"])
""",
        "regret-rlcr": """
import numpy as np
from scoring_theory.catalogue import correctness, brier
from scoring_theory.plotting import regret_map

p = np.linspace(0, 1, 101)
expected = (correctness + brier).expected_reward(p[:, None], p)
figure = regret_map(expected.diagonal()[:, None] - expected, p, name="RLCR")
""",
        "regret-log": """
import numpy as np
from scoring_theory.catalogue import correctness, log
from scoring_theory.plotting import regret_map

p = np.linspace(0, 1, 101)
expected = (correctness + log).expected_reward(p[:, None], p)
figure = regret_map(expected.diagonal()[:, None] - expected, p, name="c + log")
""",
        "safe-cone": """
from scoring_theory.plotting import safe_cone, threshold_measure

figure = safe_cone([threshold_measure("c"), threshold_measure("c + 2*brier")]).figure
""",
        "design": """
from scoring_theory import design
from scoring_theory.plotting import design_figure

figure = design_figure(design(thresholds=[0.6, 0.9], margin=0.2, curvature=0.3))
""",
        "graded-scores": """
from scoring_theory.plotting import graded_figure

figure = graded_figure(1.0).figure
""",
        "abstention": """
from scoring_theory.plotting import abstention_figure

figure = abstention_figure({"RLCR": "c - (q - c)^2"}).figure
""",
        "advantages": """
from scoring_theory.plotting import advantage_curves, advantage_picture

figure = advantage_curves([advantage_picture("c - (q - c)^2", 0.7, estimator="grpo")])
""",
        "estimator-map": """
from scoring_theory.plotting import estimator_map, stable_reports

p, sizes = [0.3, 0.5, 0.7], [4, 8, 16]
grpo = stable_reports("-(q - c)^2", p, sizes, estimator="grpo", title="GRPO")
figure = estimator_map([grpo]).figure
""",
        "reliability": """
from scoring_theory.plotting import reliability_grid, reliability_of_log
from scoring_theory.rollouts import example_rollouts

curves, notes = reliability_of_log(example_rollouts())
figure = reliability_grid(curves, notes=notes)
""",
        "earned": """
from scoring_theory import replay
from scoring_theory.plotting import reward_chart
from scoring_theory.rollouts import example_rollouts

cells = [cell for cell in replay(example_rollouts(), ["rlcr", "c"]).cells if cell.dataset is None]
names = list(cells[0].rewards)
earned = {name: {cell.method: cell.rewards[name] for cell in cells} for name in names}
figure = reward_chart(earned)
""",
        "comparison": """
from scoring_theory.plotting import comparison
from scoring_theory.rollouts import example_rollouts

log = example_rollouts()
figure = comparison({method: log.forecasts(method=method) for method in log.methods})
""",
        "drift-coupled": """
from simulations import run, standard_experiments
from simulations.figures import drift_figure

figure = drift_figure([run(each) for each in standard_experiments("short")[5:]]).figure
""",
        "collapse-coupled": """
from simulations import run, standard_experiments
from simulations.figures import collapse_figure

figure = collapse_figure([run(each) for each in standard_experiments("short")[5:]]).figure
""",
        "drift-tabular": """
from simulations import run, standard_experiments
from simulations.figures import drift_figure

figure = drift_figure([run(each) for each in standard_experiments("short")[:5]]).figure
""",
        "collapse-tabular": """
from simulations import run, standard_experiments
from simulations.figures import collapse_figure

figure = collapse_figure([run(each) for each in standard_experiments("short")[:5]]).figure
""",
        "mechanisms": """
from simulations import mechanism, run
from simulations.figures import mechanisms_figure

made = mechanism("estimator", scale="short")
sides = made.outcome(run(made.on)), made.outcome(run(made.off), without=True)
figure = mechanisms_figure([sides]).figure
""",
        "weight-sweep": """
from simulations.figures import weight_figure
from simulations.gallery import weights
from simulations.sweep import sweep

trained = weights.trained_policies(sweep, short=True)  # one for each weight
figure = weight_figure(trained, weights.CRITICAL).figure
""",
        "sandbagging": """
from simulations.figures import sandbagging_figure
from simulations.gallery import weights
from simulations.sweep import sweep

trained = weights.trained_policies(sweep, short=True)  # one for each weight
figure = sandbagging_figure({"lam = 3": trained[-1]}, {"lam = 3": (1 / 3, 2 / 3)}).figure
""",
        "reliability-trained": """
from simulations.figures import stated_figure
from simulations.gallery import weights
from simulations.sweep import sweep

trained = weights.trained_policies(sweep, short=True)  # one for each weight
figure = stated_figure({"binary": trained[0], "RLCR": trained[4]}).figure
""",
        "phase-diagram": """
from simulations.figures import phase_figure
from simulations.laboratory.verifier_noise import phase_diagram

figure = phase_figure(phase_diagram(0.1)).figure
""",
        "learning-speed": """
from simulations.figures import frontier_figure
from simulations.laboratory.speed_frontier import standard_frontier

figure = frontier_figure(standard_frontier()).figure
""",
        "contest": """
from scoring_theory import design
from simulations.contest import contest, contestants
from simulations.figures import contest_figure

rewards = ["c - (q - c)^2", design(thresholds=[0.6], curvature=0.2).reward]
figure = contest_figure(contest(contestants(rewards, scale="short"), [0.3, 0.6])).figure
""",
        "combinations": """
from simulations.figures import system_figure
from simulations.laboratory.systems import find_system

figure = system_figure([find_system("combinations").run(scale="short")]).figure
""",
        "trl-scaling": """
from scoring_theory.plotting import trainer_curves
from simulations.gallery.recorded import recorded_columns, recorded_curves

figure = trainer_curves(recorded_curves(recorded_columns()), success_probability=0.7)
""",
        "watched-training": """
from scoring_theory.plotting import watched_runs
from simulations.gallery.watched import watched_panels

figure = watched_runs(watched_panels(), success_probability=0.7, bound=0.85)
""",
        "table-law": """
from simulations.figures import table_law_figure
from simulations.evidence import table_residuals

figure = table_law_figure(table_residuals()).figure
""",
        "predicted-rows": """
from simulations.figures import prediction_figure
from simulations.evidence import predictions

figure = prediction_figure(predictions()).figure
""",
        "knob-profiles": """
from simulations.figures import profile_figure
from simulations.evidence import knob_profiles

profiles = {f"Base on {name}": knob_profiles(name) for name in ("Hotpot", "Math")}
figure = profile_figure(profiles).figure
""",
        "transformer-curves": """
from simulations.figures import transformer_curves_figure
from simulations.evidence import transformer_runs

figure = transformer_curves_figure(transformer_runs()).figure
""",
        "transformer-predictions": """
from simulations.figures import transformer_predictions_figure
from simulations.evidence import measured_predictions

figure = transformer_predictions_figure(measured_predictions()).figure
""",
        "transformer-causes": """
from simulations.figures import transformer_causes_figure
from simulations.evidence import transformer_runs

figure = transformer_causes_figure(transformer_runs()).figure
""",
    }
)
"""By the name of the figure; each assigns `figure`."""
