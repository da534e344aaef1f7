(** False: strictness from a weight that may vanish. The constant reward refutes it. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Distributions Pieces.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall r, proper r -> (forall a b, 0 <= a -> a < b -> b <= 1 -> exists t w, a < t < b /\ 0 <= w /\
  derivable_pt_lim (spread r) t w) -> strictly_proper r).
Proof.
  intros claim.
  assert (proper (constant 0)) as honest by (intros p q _ _; unfold honest_value, expected_reward, constant; lra).
  assert (strictly_proper (constant 0)) as strict.
  { apply claim; [assumption |]; intros a b _ less _; exists ((a + b) / 2), 0; repeat split; try lra.
    intros eps positive; exists (mkposreal 1 Rlt_0_1); intros h nonzero _; unfold spread, constant.
    replace ((0 - 0 - (0 - 0)) / h - 0) with 0 by (field; assumption); rewrite Rabs_R0; assumption. }
  pose proof (strict 0 1 probability_0 probability_1 ltac:(lra)) as tie.
  unfold honest_value, expected_reward, constant in tie; lra.
Qed.

(** The proof of Pieces.strict_of_weight, word for word. *)
Theorem strict_of_weight : 
  forall r, proper r -> (forall a b, 0 <= a -> a < b -> b <= 1 -> exists t w, a < t < b /\ 0 <= w /\
  derivable_pt_lim (spread r) t w) -> strictly_proper r.
Proof.
  intros r honest weighty; apply (strictly_proper_iff_increasing honest).
  intros a b a01 b01 less; unfold probability in *.
  destruct (weighty a b ltac:(lra) less ltac:(lra)) as [t [w [between [positive slope]]]].
  apply Rnot_le_lt; intro flat.
  assert (forall x, a <= x <= b -> spread r x = spread r a) as constant_between.
  { intros x x_in; pose proof (spread_nondecreasing honest a x); pose proof (spread_nondecreasing honest x b).
    unfold probability in *; lra. }
  destruct (slope w positive) as [[delta delta_positive] close]; simpl in close.
  set (h := Rmin delta (b - t) / 2).
  assert (0 < Rmin delta (b - t)) by (apply Rmin_glb_lt; lra).
  pose proof (Rmin_l delta (b - t)); pose proof (Rmin_r delta (b - t)).
  specialize (close h ltac:(unfold h; lra) ltac:(unfold h; rewrite Rabs_right; lra)).
  rewrite (constant_between (t + h)), (constant_between t) in close by (unfold h; lra).
  replace ((spread r a - spread r a) / h - w) with (- w) in close by (unfold Rdiv; ring).
  rewrite Rabs_Ropp, Rabs_right in close; lra.
Qed.
