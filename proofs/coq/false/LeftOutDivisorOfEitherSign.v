(** False: the advantage rises in the own reward for every divisor that is not 0. A negative one turns it over. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier Normalised LeaveOneOutStd.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall divisor others x y, divisor others <> 0 ->
  left_out_advantage divisor others x - left_out_advantage divisor others y = / divisor others * (x - y) /\
  (x < y -> left_out_advantage divisor others x < left_out_advantage divisor others y)).
Proof.
  intros claim; destruct (claim (fun _ => -1) [0] 0 1 ltac:(lra)) as [_ bad]; specialize (bad ltac:(lra)).
  unfold left_out_advantage, mean in bad; simpl in bad; lra.
Qed.

(** The proof of LeaveOneOutStd.left_out_advantage_affine, word for word. *)
Theorem left_out_advantage_affine :
  forall divisor others x y, divisor others <> 0 ->
  left_out_advantage divisor others x - left_out_advantage divisor others y = / divisor others * (x - y) /\
  (x < y -> left_out_advantage divisor others x < left_out_advantage divisor others y).
Proof.
  intros divisor others x y positive; pose proof (Rinv_0_lt_compat _ positive) as scale.
  assert (left_out_advantage divisor others x - left_out_advantage divisor others y = / divisor others * (x - y)) as affine
    by (unfold left_out_advantage; field; lra).
  split; [exact affine |]; intros less; nra.
Qed.
