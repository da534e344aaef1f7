(** False: every merely proper rule becomes the linear rule. The constant reward has no spread to divide. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Brier Normalised.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall r, proper r -> forall p low high, probability low -> probability high -> low < high -> shared_advantage r
  p [high; low] high = 2 * p - 1).
Proof.
  intros claim.
  assert (proper (constant 0)) as honest by (intros p q _ _; unfold honest_value, expected_reward, constant; lra).
  pose proof (claim (constant 0) honest 1 0 1 probability_0 probability_1 ltac:(lra)) as equal.
  unfold shared_advantage, standardised, constant, mean, Rdiv in equal; simpl in equal.
  rewrite !Rplus_0_l, !Rmult_0_l, !Rminus_0_r, !Rmult_0_l in equal; lra.
Qed.

(** The proof of Normalised.shared_pair_is_linear, word for word. *)
Theorem shared_pair_is_linear : 
  forall r, proper r -> forall p low high, probability low -> probability high -> low < high -> shared_advantage r
  p [high; low] high = 2 * p - 1.
Proof.
  intros r strict p low high low01 high01 less; unfold shared_advantage; simpl.
  destruct (strictly_proper_monotone r strict low high low01 high01 less) as [paid_more paid_less].
  rewrite standardised_pair_high, standardised_pair_low by assumption; ring.
Qed.
