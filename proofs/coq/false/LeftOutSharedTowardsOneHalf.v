(** False: around the truth the best reply lies nearer to 1/2. It lies farther from it. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier Normalised LeaveOneOutStd.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall p, 0 < p < 1 ->
  (p < / 2 -> p < combined_odds p p) /\ (/ 2 < p -> combined_odds p p < p)).
Proof.
  intros claim; destruct (claim (/ 4) ltac:(lra)) as [bad _]; specialize (bad ltac:(lra)).
  unfold combined_odds in bad; lra.
Qed.

(** The proof of LeaveOneOutStd.left_out_shared_leaves_the_truth, word for word. *)
Theorem left_out_shared_leaves_the_truth :
  forall p, 0 < p < 1 ->
  (p < / 2 -> p < combined_odds p p) /\ (/ 2 < p -> combined_odds p p < p).
Proof.
  intros p inside; pose proof (combined_odds_defined p p inside inside) as total.
  assert (combined_odds p p * (p * p + (1 - p) * (1 - p)) = p * p) as definition by (unfold combined_odds; field; lra).
  assert (0 < p * (1 - p)) by nra; split; intros side; apply Rmult_lt_reg_r with (1 := total); rewrite definition; nra.
Qed.
