(** False: with a shared outcome every merely proper rule becomes the linear rule. The constant reward has no spread
    to divide. *)

From Coq Require Import Reals Lra Psatz List Arith Bool.
From ScoringTheory Require Import Definitions JointOptimality Brier Normalised SmallSpread.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall r p n q0 q s, proper r -> (1 <= n)%nat -> probability q0 -> probability q -> s = 1 \/ s = -1 -> 0 < s * (q
  - q0) -> shared_advantage r p (q :: repeat q0 n) q = s * (sqrt (INR n) * (2 * p - 1))).
Proof.
  intros claim.
  assert (proper (constant 0)) as honest by (intros p q _ _; unfold honest_value, expected_reward, constant; lra).
  pose proof (claim (constant 0) 1 1%nat 0 1 1 honest ltac:(auto) probability_0 probability_1 ltac:(auto) ltac:(lra))
    as equal.
  unfold shared_advantage, standardised, constant, mean, Rdiv in equal; simpl in equal; rewrite sqrt_1 in equal.
  rewrite !Rplus_0_l, !Rmult_0_l, !Rminus_0_r, !Rmult_0_l in equal; lra.
Qed.

(** The proof of SmallSpread.shared_deviant_is_linear, word for word. *)
Theorem shared_deviant_is_linear :
  forall r p n q0 q s, proper r -> (1 <= n)%nat -> probability q0 -> probability q -> s = 1 \/ s = -1 -> 0 < s * (q
  - q0) -> shared_advantage r p (q :: repeat q0 n) q = s * (sqrt (INR n) * (2 * p - 1)).
Proof.
  intros r p n q0 q s strict enough q0_01 q01 s_is beyond.
  destruct (moved_apart r q0 q s strict q0_01 q01 s_is beyond) as [moved_true moved_false].
  destruct (signs_of_moves r q0 q s s_is moved_true moved_false) as [up down].
  unfold shared_advantage; cbn [map].
  assert (forall own, map (fun x => r x own) (repeat q0 n) = map (r q0) (repeat own n)) as same.
  { intros own; clear; induction n as [| n induction]; simpl; [reflexivity | rewrite induction; reflexivity]. }
  assert (forall own, standardised (r q own :: map (r q0) (repeat own n)) (r q own)
    = sqrt (INR n) * softsign 0 (r q own - r q0 own)) as alone.
  { intros own; assert (1 <= INR n) by (apply (le_INR 1); assumption).
    assert (matching own (repeat own n) = n) as all.
    { clear; induction n as [| n induction]; simpl; [reflexivity | rewrite eqb_reflx, induction; reflexivity]. }
    rewrite (standardised_among_two (r q0) own (repeat own n)) by (destruct n; simpl; [lia | congruence]).
    rewrite repeat_length, all; f_equal; f_equal; unfold others_spread; field; lra. }
  rewrite !same, !alone, up, down; ring.
Qed.
