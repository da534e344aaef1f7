(** False: with a shared outcome the best reply is nearer to 1/2 than the others. It is farther towards the likelier outcome. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier Normalised LeaveOneOutStd.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall p m, 0 < p < 1 -> 0 < m < 1 ->
  (p < / 2 -> m < combined_odds p m) /\ (/ 2 < p -> combined_odds p m < m)).
Proof.
  intros claim; destruct (claim (/ 4) (/ 4) ltac:(lra) ltac:(lra)) as [bad _]; specialize (bad ltac:(lra)).
  unfold combined_odds in bad; lra.
Qed.

(** The proof of LeaveOneOutStd.left_out_shared_no_interior_report_is_stable, word for word. *)
Theorem left_out_shared_no_interior_report_is_stable :
  forall p m, 0 < p < 1 -> 0 < m < 1 ->
  (p < / 2 -> m < combined_odds p m) /\ (/ 2 < p -> combined_odds p m < m).
Proof.
  intros p m inside middle; pose proof (combined_odds_defined p m inside middle) as total.
  assert (combined_odds p m * (p * m + (1 - p) * (1 - m)) = p * m) as definition by (unfold combined_odds; field; lra).
  assert (0 < m * (1 - m)) by nra; split; intros side; apply Rmult_lt_reg_r with (1 := total); rewrite definition; nra.
Qed.
