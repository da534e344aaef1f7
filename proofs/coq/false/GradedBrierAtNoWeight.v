(** False: the typed Brier score prefers a smaller mean at every weight, 0 included. At weight 0 only the mean is paid. *)

From Coq Require Import Reals Lra Psatz List Arith.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier GradedScores.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall lam, 0 <= lam ->
  mean_score (surely (/ (2 + lam))) < mean_score (right_or_wrong (/ 2)) /\
  graded_value (graded_brier lam) (right_or_wrong (/ 2)) < graded_value (graded_brier lam) (surely (/ (2 + lam)))).
Proof.
  intros claim; destruct (claim 0 ltac:(lra)) as [less _].
  rewrite mean_surely, mean_right_or_wrong in less; replace (2 + 0) with 2 in less by ring; lra.
Qed.

(** The proof of GradedScores.graded_brier_fails_at_witness, word for word. *)
Theorem graded_brier_fails_at_witness :
  forall lam, 0 <= lam ->
  mean_score (surely (/ (2 + lam))) < mean_score (right_or_wrong (/ 2)) /\
  graded_value (graded_brier lam) (right_or_wrong (/ 2)) < graded_value (graded_brier lam) (surely (/ (2 + lam))).
Proof.
  intros lam positive; unfold graded_value; rewrite mean_surely, mean_right_or_wrong.
  unfold graded_brier, surely, right_or_wrong, average; simpl.
  assert ((2 + lam) * / (2 + lam) = 1) as inverse by (apply Rinv_r; lra).
  assert (0 < / (2 + lam)) by (apply Rinv_0_lt_compat; lra).
  split; nra.
Qed.
