"""SkyRL 0.4: a mixin that makes a `BaseTextEnv` of skyrl-gym score one reply.

Read in skyrl_gym/envs/base_text_env.py, envs/registration.py and metrics.py of skyrl-gym 0.4.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Unpack

from scoring_theory.adapters.framework import Framework, identifier
from scoring_theory.adapters.score import Score, Scorer
from scoring_theory.adapters.scorer import Options, scorer

if TYPE_CHECKING:
    from scoring_theory.catalogue.coercion import RewardLike


class SkyrlScoring:
    """The methods of an environment of one step, to be put before `BaseTextEnv`.

    The environment must be a subclass of the framework's, which is not imported here. The truth is
    the `ground_truth` in `reward_spec` of the row; the metrics of an unreadable completion have no
    confidence, so that the mean that the framework takes is one over readable completions.

    Attributes:
        grade: the scorer.
        name: what the names of metrics begin with.
    """

    grade: Scorer
    name: str = "scoring_theory"

    def __init__(self, env_config: object = None, extras: Mapping[str, Any] | None = None) -> None:
        """Take the row of the dataset, which holds the true answer.

        Raises:
            ValueError: the row has no `reward_spec` with a `ground_truth`.
        """
        super().__init__()
        self.row = dict(extras or {})
        told = self.row.get("reward_spec")
        if not isinstance(told, Mapping) or "ground_truth" not in told:
            raise ValueError("the row needs reward_spec with ground_truth, which is the truth")
        self.ground_truth = told["ground_truth"]
        self.prompt: object = None
        self.score: Score | None = None

    def init(self, prompt: Any) -> tuple[Any, dict[str, Any]]:
        """The first prompt, as it is."""
        self.prompt = prompt
        return prompt, {}

    def step(self, action: str) -> dict[str, Any]:
        """Score the reply, which ends the episode."""
        self.score = self.grade(action, self.ground_truth, {**self.row, "prompt": self.prompt})
        return {"observations": [], "reward": self.score.reward, "done": True, "metadata": {}}

    def get_metrics(self) -> dict[str, float]:
        """The numbers of the episode, for the framework's means."""
        numbers = {} if self.score is None else self.score.numbers()
        return {f"{self.name}/{key}": value for key, value in numbers.items()}


def as_skyrl(
    reward: RewardLike, *, name: str = "scoring_theory", **options: Unpack[Options]
) -> type[SkyrlScoring]:
    """A mixin for SkyRL, whose environments are classes and not functions.

        class Rlcr(as_skyrl("c - (q - c)**2"), BaseTextEnv): ...
        register("rlcr", "my_module:Rlcr")

    By default the trainer divides by the standard deviation of the group, which does not preserve
    the optimum: set `trainer.algorithm.grpo_norm_by_std=false`. A checker can ask for the columns
    of the row and for `prompt`.

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue; every parameter has a value.
        name: what the names of the metrics begin with.
        **options: `missing`, `reader`, `checker`, `truth_key`, `allow_unsafe`, `forecast` and
            `graded` of `scorer`.

    Raises:
        ValueError: see `scorer`.

    Example:
        >>> class Rlcr(as_skyrl("c - (q - c)**2")):  # before BaseTextEnv
        ...     pass
        >>> environment = Rlcr(extras={"reward_spec": {"ground_truth": "4"}})
        >>> environment.step("<answer>4</answer><confidence>0.5</confidence>")["reward"]
        0.75
    """
    members = {"grade": scorer(reward, **options), "name": identifier("name", name)}
    return type("RewardEnv", (SkyrlScoring,), members)


SKYRL = Framework(
    title="SkyRL 0.4",
    entry="RewardEnv",
    maker=SkyrlScoring,
    arguments={"name": "scoring_theory"},
    form="class",
    wiring=(
        "class Env(RewardEnv, BaseTextEnv): pass, with"
        " skyrl_gym.register(id='scoring_theory', entry_point=Env), and"
        " environment.env_class=scoring_theory trainer.algorithm.advantage_estimator=grpo"
        " trainer.algorithm.grpo_norm_by_std=false generator.n_samples_per_prompt=8"
        " trainer.algorithm.use_kl_in_reward=false trainer.algorithm.use_kl_loss=false",
    ),
    defaults="skyrl",
)
