(** False: the limit is sqrt(G - 1) times the share of groups that agree, p^G + (1 - p)^G. At p = 1/2 it is 0. *)

From Coq Require Import Reals Lra Psatz List Arith Bool.
From ScoringTheory Require Import Definitions JointOptimality Brier Normalised SmallSpread.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall p n q0 q, probability p -> (1 <= n)%nat -> 0 < q0 < q -> q <= 1 -> q < 2 * q0 -> Rabs
  (independent_advantage (rlcr 1) p n q0 q - sqrt (INR n) * (p ^ S n + (1 - p) ^ S n)) <= 2 * sqrt (INR n) * (q -
  q0) / q0).
Proof.
  intros claim.
  pose proof (claim (/ 2) 1%nat (/ 2) (/ 2 + / 32) ltac:(unfold probability; lra) ltac:(auto) ltac:(lra) ltac:(lra)
    ltac:(lra)) as share.
  pose proof (rlcr_independent_advantage (/ 2) 1 (/ 2) (/ 2 + / 32) ltac:(unfold probability; lra) ltac:(auto)
    ltac:(lra) ltac:(lra) ltac:(lra)) as truth.
  apply Rabs_within in share; apply Rabs_within in truth; simpl in share, truth; rewrite sqrt_1 in share, truth; lra.
Qed.

(** The proof of SmallSpread.rlcr_independent_advantage, word for word. *)
Theorem rlcr_independent_advantage :
  forall p n q0 q, probability p -> (1 <= n)%nat -> 0 < q0 < q -> q <= 1 -> q < 2 * q0 -> Rabs
  (independent_advantage (rlcr 1) p n q0 q - sqrt (INR n) * (p ^ S n + (1 - p) ^ S n)) <= 2 * sqrt (INR n) * (q -
  q0) / q0.
Proof.
  intros p n q0 q p01 enough above at_most_1 near.
  assert (rlcr 1 q true - rlcr 1 q0 true = (q - q0) * (2 - q - q0)) as gain
    by (unfold rlcr, with_correctness, brier, indicator; ring).
  assert (rlcr 1 q false - rlcr 1 q0 false = - ((q - q0) * (q + q0))) as loss
    by (unfold rlcr, with_correctness, brier, indicator; ring).
  assert (Rabs (rlcr 1 q0 true - rlcr 1 q0 false) = 2 * q0) as gap.
  { replace (rlcr 1 q0 true - rlcr 1 q0 false) with (2 * q0)
      by (unfold rlcr, with_correctness, brier, indicator; ring); apply Rabs_right; lra. }
  assert (0 < (q - q0) * (2 - q - q0) <= 2 * (q - q0)) as gain_small by nra.
  assert (0 < (q - q0) * (q + q0) <= 2 * (q - q0)) as loss_small by nra.
  pose proof (@independent_advantage_close (rlcr 1) q0 q 1 _ (or_introl eq_refl) eq_refl p n p01 enough) as close.
  rewrite gap, gain, loss, Rabs_Ropp, !Rabs_right, !Rmult_1_l in close by lra.
  apply Rle_trans with (1 := close ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lra)).
  assert (1 <= INR n) by (apply (le_INR 1); assumption).
  assert (0 < sqrt (INR n)) by (apply sqrt_lt_R0; lra).
  replace (2 * sqrt (INR n) * (q - q0) / q0) with (2 * sqrt (INR n) / (2 * q0) * (2 * (q - q0))) by (field; lra).
  apply Rmult_le_compat_l; [left; apply Rdiv_lt_0_compat; lra | unfold probability in p01; nra].
Qed.
