(** False: log is safe at the weights that the formula allows when no wrong answer is accepted. There is no such weight. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier Extended Logarithm VerifierErrors.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall a b lam, error_rates a b -> 0 <= a -> a + b < 1 -> 0 < lam ->
  (extended_jointly_optimal_under_errors a b (log_reward lam) <-> lam * (ln (1 - a) - ln a) <= 1)).
Proof.
  intros claim; assert (error_rates 0 0) as rates by (split; auto).
  pose proof (proj2 (claim 0 0 1 rates ltac:(lra) ltac:(lra) ltac:(lra))) as joint.
  rewrite Rminus_0_r, ln_1 in joint.
  assert (ln 0 = 0) as convention by (unfold ln; destruct (Rlt_dec 0 0); [exfalso; lra | reflexivity]).
  specialize (joint ltac:(rewrite convention; lra)); apply (log_not_jointly_optimal 1 ltac:(lra)).
  intros answers best top p q member q01; specialize (joint answers best top p q member q01).
  assert (forall x, accepted 0 0 x = x) as same by (intros; unfold accepted; ring).
  rewrite !same in joint; exact joint.
Qed.

(** The proof of VerifierErrors.errors_log_iff, word for word. *)
Theorem errors_log_iff :
  forall a b lam, error_rates a b -> 0 <= a -> a + b < 1 -> 0 < lam ->
  (extended_jointly_optimal_under_errors a b (log_reward lam) <-> lam * (ln (1 - a) - ln a) <= 1).
Proof.
  intros a b lam rates a_positive few positive; pose proof rates as [a01 [b_low b_high]]; split.
  - intros joint; apply Rnot_lt_le; intro steep; set (E := exp (/ lam)).
    assert (0 < E) by apply exp_pos.
    assert (lam * / lam = 1) as inverse by (apply Rinv_r; lra).
    assert (a * E < 1 - a) as low.
    { apply ln_lt_inv; [nra | lra |]; unfold E; rewrite ln_mult, ln_exp by (lra || apply exp_pos).
      apply Rmult_lt_reg_l with lam; [assumption | lra]. }
    set (room := Rmin ((1 - b - a) / 2) ((1 - a - a * E) / (2 * (1 + E)))).
    assert (0 < room) by (apply Rmin_glb_lt; [lra | apply Rdiv_lt_0_compat; lra]).
    assert (room <= (1 - b - a) / 2) by apply Rmin_l.
    assert (room * (2 * (1 + E)) <= 1 - a - a * E).
    { apply Rle_trans with ((1 - a - a * E) / (2 * (1 + E)) * (2 * (1 + E))); [| right; field; lra].
      apply Rmult_le_compat_r; [lra | apply Rmin_r]. }
    assert (ln (a + room) + / lam < ln (1 - (a + room))) as falling.
    { rewrite <- (ln_exp (/ lam)), <- ln_mult by (lra || apply exp_pos); fold E; apply ln_increasing; nra. }
    destruct (accepted_onto few (a + room) ltac:(lra)) as [best [best01 onto]].
    assert (best_of [0; best] best) as two.
    { split; [repeat (apply Forall_cons; [auto |]); apply Forall_nil | split; simpl; auto].
      unfold probability in best01; intuition (subst; lra). }
    specialize (joint _ _ two 0 a ltac:(simpl; auto) a01); rewrite onto in joint.
    replace (accepted a b 0) with a in joint by (unfold accepted; ring); rewrite !log_honest in joint by lra; simpl in joint.
    pose proof (Rmult_lt_compat_l lam _ _ positive falling).
    assert (0 < room * - (1 + lam * (ln (a + room) - ln (1 - (a + room))))) by (apply Rmult_lt_0_compat; lra).
    pose proof (log_tangent lam (a + room) a positive ltac:(lra) ltac:(lra)); lra.
  - intros gentle answers best [all [among top]] p q member q01; rewrite Forall_forall in all.
    pose proof (accepted_between few p (all p member)); pose proof (accepted_between few best (all best among)).
    pose proof (accepted_ordered few p best (top p member)) as ordered.
    apply at_most_trans with (expected (log_reward lam) (accepted a b p) (accepted a b p)).
    { apply extended_strictly_proper_is_proper; [apply log_strictly_proper | |]; auto using accepted_probability. }
    set (x := accepted a b p) in *; set (y := accepted a b best) in *.
    destruct (Rle_lt_or_eq_dec x y ordered) as [less | <-]; [| apply at_most_refl].
    rewrite log_honest by lra; destruct (Req_dec y 1) as [-> | inside].
    + rewrite expected_1; unfold log_reward, indicator; rewrite extended_ln_positive, ln_1 by lra; simpl; unfold log_value.
      pose proof (ln_below_tangent x ltac:(lra) ltac:(lra)); pose proof (ln_below_tangent (1 - x) ltac:(lra) ltac:(lra)).
      assert (0 <= lam * (x * - ln x)) by (repeat apply Rmult_le_pos; lra).
      assert (0 <= lam * ((1 - x) * - ln (1 - x))) by (repeat apply Rmult_le_pos; lra); lra.
    + rewrite log_honest by lra; simpl; pose proof (log_tangent lam x y positive ltac:(lra) ltac:(lra)).
      assert (ln a <= ln x) by (destruct (Req_dec a x) as [<- |]; [lra | left; apply ln_increasing; lra]).
      assert (ln (1 - x) <= ln (1 - a)) by (destruct (Req_dec a x) as [<- |]; [lra | left; apply ln_increasing; lra]).
      pose proof (Rmult_le_compat_l lam (ln a - ln (1 - a)) (ln x - ln (1 - x)) ltac:(lra) ltac:(lra)).
      assert (0 <= (y - x) * (1 + lam * (ln x - ln (1 - x)))) by (apply Rmult_le_pos; lra); lra.
Qed.
