(** False: a distribution with a debt at threshold 0 is safe. RLCR at weight 2 is such a reward, up to a constant. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier Distributions.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall F area, distribution F area -> F 0 <= 0 -> safe (from_distribution F area)).
Proof.
  intros claim.
  assert (proper (rlcr 2)) as honest by (apply strictly_proper_is_proper, rlcr_strictly_proper; lra).
  set (area := fun q => honest_value (rlcr 2) q - honest_value (rlcr 2) 0).
  destruct (claim (spread (rlcr 2)) area) as [proper_again joint]; unfold area in *.
  - split; [exact (spread_is_nondecreasing honest) | exact (value_is_area honest)].
  - unfold spread, rlcr, with_correctness, brier, indicator; lra.
  - apply (jointly_optimal_iff_accuracy_rewarded proper_again) in joint.
    pose proof (joint 0 (/ 4) probability_0 ltac:(unfold probability; lra) ltac:(lra)) as rises.
    rewrite !from_distribution_honest_value, !rlcr_honest_value in rises; lra.
Qed.

(** The proof of Distributions.from_distribution_safe, word for word. *)
Theorem from_distribution_safe : 
  forall F area, distribution F area -> F 0 <= 0 -> safe (from_distribution F area).
Proof.
  intros F area under mass; split; [apply from_distribution_proper; assumption |].
  apply joint_optimality; [apply from_distribution_proper; assumption |].
  unfold from_distribution, indicator; lra.
Qed.
