(** False: joint optimality with scores of minus infinity and the sign reversed. The log reward refutes it. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions Extended Logarithm.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall r, extended_proper r -> at_most (r 0 true) (r 0 false) -> extended_jointly_optimal r).
Proof.
  intros claim; apply (log_not_jointly_optimal 1); [lra |]; apply claim.
  - apply extended_strictly_proper_is_proper, log_strictly_proper; lra.
  - unfold log_reward; rewrite extended_ln_0; exact I.
Qed.

(** The proof of Extended.extended_joint_optimality, word for word. *)
Section Variant.
Context {r : extended_reward}.
Notation U := (expected r).

Theorem extended_joint_optimality : 
  extended_proper r -> at_most (r 0 true) (r 0 false) -> extended_jointly_optimal r.
Proof.
  intros honest sign; apply extended_jointly_optimal_iff_least_at_zero; [| apply least_of_sign]; assumption.
Qed.

End Variant.
