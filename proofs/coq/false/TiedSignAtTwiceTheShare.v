(** False: the sign at 2 / K decides for a tied answer. With four classes RLCR has it at every weight. *)

From Coq Require Import Reals Lra Psatz List Arith Bool.
From ScoringTheory Require Import Definitions JointOptimality Brier KClass ClassRules ClassTies.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall K r, proper r -> r (2 / INR K) false <= r (2 / INR K) true -> tied_top_label_optimal K r).
Proof.
  intros claim.
  assert (proper (rlcr 10)) as honest by (apply strictly_proper_is_proper, rlcr_strictly_proper; lra).
  assert (INR 4 = 4) as four by (simpl; ring).
  assert (rlcr 10 (2 / INR 4) false <= rlcr 10 (2 / INR 4) true) as sign.
  { rewrite four; unfold rlcr, with_correctness, brier, indicator; lra. }
  pose proof (proj1 (tied_top_label_brier_iff 4 10 ltac:(auto) ltac:(lra)) (claim 4%nat _ honest sign)) as small.
  rewrite four in small; lra.
Qed.

(** The proof of ClassTies.tied_top_label_of_sign, word for word. *)
Theorem tied_top_label_of_sign :
  forall K r, proper r -> r (2 / INR K) false <= r (2 / INR K) true -> tied_top_label_optimal K r.
Proof.
  intros K r honest sign p best p_sums [inside top] stated a stated_sums [a_inside a_top].
  pose proof (mode_at_least K stated a stated_sums (conj a_inside a_top)) as confident.
  assert (1 <= INR K) by (apply (le_INR 1); lia).
  assert (0 < / INR K <= 1) as share.
  { split; [apply Rinv_0_lt_compat; lra | rewrite <- Rinv_1; apply Rinv_le_contravar; lra]. }
  assert (/ INR K <= stated a) as above.
  { apply Rmult_le_reg_l with (INR K); [lra |]; rewrite Rinv_r by lra; assumption. }
  pose proof (distribution_probability K stated a stated_sums a_inside) as s01.
  pose proof (distribution_probability K p best p_sums inside) as best01.
  pose proof (spread_nondecreasing honest (/ INR K) (stated a) ltac:(unfold probability; lra) s01 above) as steeper.
  apply Rle_trans with (expected_reward r (p best) (stated a)); [| apply honest; assumption].
  specialize (top a a_inside); unfold spread, expected_reward in *; nra.
Qed.
