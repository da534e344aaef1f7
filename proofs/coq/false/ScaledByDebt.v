(** False: a safe reward stays safe when scaled by any number. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Cone Thresholds.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (forall k r, k <= 0 -> safe r -> safe (scaled k r)).
Proof.
  intros claim; apply (negative_bet_improper (/ 2)); [lra |]; apply claim; [lra | apply bet_safe].
Qed.

(** The proof of Cone.safe_scaled, word for word. *)
Theorem safe_scaled : forall k r, k <= 0 -> safe r -> safe (scaled k r).
Proof.
  intros k r nonnegative r_safe; apply safe_iff in r_safe as [honest rises]; apply safe_iff; split.
  - intros p q p01 q01; unfold honest_value; rewrite !expected_scaled.
    apply Rmult_le_compat_l; [| apply honest]; assumption.
  - intros a b a01 b01 ordered; unfold honest_value; rewrite !expected_scaled.
    apply Rmult_le_compat_l; [| apply rises]; assumption.
Qed.
