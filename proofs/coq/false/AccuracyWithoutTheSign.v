(** False: joint optimality when R(0, 1) <= R(0, 0), the sign reversed. RLCR at weight 2 refutes it. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (forall r, proper r -> r 0 true <= r 0 false -> jointly_optimal r).
Proof.
  intros claim; apply (rlcr_not_jointly_optimal 2); [lra |]; apply claim.
  - apply strictly_proper_is_proper, rlcr_strictly_proper; lra.
  - unfold rlcr, with_correctness, brier, indicator; lra.
Qed.

(** The proof of JointOptimality.joint_optimality, word for word. *)
Section Variant.
Context {r : reward}.
Notation U := (expected_reward r).
Notation V := (honest_value r).
Notation D := (spread r).

Theorem joint_optimality : proper r -> r 0 true <= r 0 false -> jointly_optimal r.
Proof.
  intros honest sign; apply jointly_optimal_iff_accuracy_rewarded; [assumption |].
  intros a b a01 b01 ordered.
  pose proof (tangent_below honest a b a01 b01); pose proof (spread_nonnegative honest sign a a01); nra.
Qed.

End Variant.
