(** False: one shared objective fails at every weight of a score with S(0, 0) > S(0+, 1). RLCR holds up to weight 1. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier SeparateCredit.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall w s limit,
  0 < w -> strictly_proper s -> right_limit_at_zero (fun q => s q true) limit -> 0 < w * (s 0 false - limit) ->
  exists worse best, probability worse /\ probability best /\ worse < best /\
  honest_value (with_correctness w s) best < honest_value (with_correctness w s) worse /\
  (forall p q, separately_optimal w s [worse; best] p q <-> p = best /\ q = best)).
Proof.
  intros claim; destruct (claim 1 brier (-1) ltac:(lra) brier_strictly_proper) as [worse [best [low [high [less [bad _]]]]]].
  - intros eps positive; exists (Rmin eps 1 / 2); pose proof (Rmin_l eps 1); pose proof (Rmin_r eps 1).
    assert (0 < Rmin eps 1) by (apply Rmin_glb_lt; lra); split; [lra |]; intros x between.
    unfold brier, indicator; apply Rabs_def1; nra.
  - unfold brier, indicator; lra.
  - fold (rlcr 1) in bad; rewrite !rlcr_honest_value in bad; unfold probability in *; nra.
Qed.

(** The proof of SeparateCredit.shared_credit_fails_above_the_critical_weight, word for word. *)
Theorem shared_credit_fails_above_the_critical_weight :
  forall w s limit,
  0 < w -> strictly_proper s -> right_limit_at_zero (fun q => s q true) limit -> 0 < w * (s 0 false - limit) ->
  exists worse best, probability worse /\ probability best /\ worse < best /\
  honest_value (with_correctness w s) best < honest_value (with_correctness w s) worse /\
  (forall p q, separately_optimal w s [worse; best] p q <-> p = best /\ q = best).
Proof.
  intros w s limit positive strict tends above; pose proof (strictly_proper_is_proper s strict) as honest.
  set (room := w * (s 0 false - limit) - 1) in *; assert (0 < room / w) as eps by (apply Rdiv_lt_0_compat; unfold room; lra).
  destruct (tends _ eps) as [delta [delta_positive close]].
  pose proof (Rmin_l (delta / 2) 1); pose proof (Rmin_r (delta / 2) 1).
  assert (0 < Rmin (delta / 2) 1) by (apply Rmin_glb_lt; lra).
  set (best := Rmin (delta / 2) 1) in *; specialize (close best ltac:(lra)); apply Rabs_def2 in close.
  assert (w * (room / w) = room) as scale by (field; lra).
  assert (probability best) by (unfold probability; lra).
  exists 0, best; split; [auto | split; [assumption | split; [lra | split]]].
  - apply (converse_witness (with_correctness_proper w s ltac:(lra) honest)); [lra |].
    unfold with_correctness, indicator; assert (w * s best true < w * (limit + room / w)) by (apply Rmult_lt_compat_l; lra).
    unfold room in *; lra.
  - apply separate_credit_iff; try assumption.
    split; [repeat (apply Forall_cons; [auto |]); apply Forall_nil | split; simpl; auto; intuition (subst; lra)].
Qed.
