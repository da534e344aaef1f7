(** False: the margin decides however often the verifier errs. Past a + b = 1 the worse answer is accepted more often. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier Extended Logarithm VerifierErrors.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall a b, error_rates a b -> 1 < a + b -> forall r, proper r ->
  (jointly_optimal_under_errors a b r <-> forall x, a < x <= 1 - b -> r x false <= r x true)).
Proof.
  intros claim; assert (error_rates 1 1) as rates by (split; auto).
  assert (proper (rlcr 1)) as honest by (apply strictly_proper_is_proper, rlcr_strictly_proper; lra).
  pose proof (proj2 (claim 1 1 rates ltac:(lra) _ honest) ltac:(intros; lra)) as joint.
  pose proof (proj1 (errors_jointly_optimal_iff_falling rates ltac:(lra) _ honest) joint 0 1) as bad.
  rewrite !rlcr_honest_value in bad; lra.
Qed.

(** The proof of VerifierErrors.errors_jointly_optimal_iff_margin, word for word. *)
Section Variant.
Context {a b : R} (rates : error_rates a b) (many : 1 < a + b).

Theorem errors_jointly_optimal_iff_margin :
  forall r, proper r -> (jointly_optimal_under_errors a b r <-> forall x, a < x <= 1 - b -> r x false <= r x true).
Proof.
  intros r honest; rewrite errors_jointly_optimal_iff_rising by assumption; destruct rates as [[a_low a_high] [b_low b_high]].
  assert (forall x, a <= x <= 1 - b -> probability x) as inside by (unfold probability; intros; lra).
  split.
  - intros rising x between; apply Rnot_lt_le; intro short.
    pose proof (rising a x ltac:(lra) ltac:(lra) ltac:(lra)).
    pose proof (tangent_below honest x a (inside x ltac:(lra)) (inside a ltac:(lra))); unfold spread in *; nra.
  - intros margin x y above ordered below.
    assert (forall z, a < z -> z <= y -> honest_value r z <= honest_value r y) as beyond.
    { intros z z_above z_below; pose proof (margin z ltac:(lra)).
      pose proof (tangent_below honest z y (inside z ltac:(lra)) (inside y ltac:(lra))); unfold spread in *; nra. }
    destruct (Rle_lt_or_eq_dec a x above) as [strictly | <-]; [apply beyond; assumption |].
    destruct (Rle_lt_or_eq_dec a y ordered) as [less | <-]; [| apply Rle_refl].
    apply Rnot_lt_le; intro gap.
    set (slope := Rabs (spread r a) + 1); assert (0 < slope) by (unfold slope; pose proof (Rabs_pos (spread r a)); lra).
    set (z := a + Rmin (y - a) ((honest_value r a - honest_value r y) / (2 * slope))).
    pose proof (Rmin_l (y - a) ((honest_value r a - honest_value r y) / (2 * slope))).
    pose proof (Rmin_r (y - a) ((honest_value r a - honest_value r y) / (2 * slope))) as small.
    assert (0 < Rmin (y - a) ((honest_value r a - honest_value r y) / (2 * slope))).
    { apply Rmin_glb_lt; [lra | apply Rdiv_lt_0_compat; lra]. }
    assert ((z - a) * (2 * slope) <= honest_value r a - honest_value r y).
    { apply Rle_trans with ((honest_value r a - honest_value r y) / (2 * slope) * (2 * slope)).
      - apply Rmult_le_compat_r; [lra | unfold z; lra].
      - apply Req_le; field; lra. }
    pose proof (beyond z ltac:(unfold z; lra) ltac:(unfold z; lra)).
    pose proof (tangent_below honest a z (inside a ltac:(lra)) (inside z ltac:(unfold z; lra))).
    assert (- slope <= spread r a) by (unfold slope; pose proof (Rle_abs (- spread r a)); rewrite Rabs_Ropp in *; lra).
    assert (0 < z - a) by (unfold z; lra); nra.
Qed.

End Variant.
