(** * Every safe reward is a distribution over thresholds

    Let F be nondecreasing on [0, 1] with F(0) >= 0: the mass of the thresholds below q, in finitely many points or
    not. Then

      R(q, c) = (c - q) F(q) + area under F from 0 to q

    is proper and jointly optimal; and up to a constant there are no others with R(0, 1) >= R(0, 0). The area is the
    least upper bound of staircases below F: no continuity, no measure theory. *)

From Coq Require Import Reals Lra Psatz.
From ScoringTheory Require Import Definitions JointOptimality.
Open Scope R_scope.

Definition nondecreasing (F : R -> R) : Prop := forall a b, probability a -> probability b -> a <= b -> F a <= F b.
Definition increasing (F : R -> R) : Prop := forall a b, probability a -> probability b -> a < b -> F a < F b.

(** ** The area under a nondecreasing function *)

(** [staircase F q total]: finitely many steps from 0 to [q], each as high as F at its left end, with [total] area. *)
Inductive staircase (F : R -> R) : R -> R -> Prop :=
| floor : staircase F 0 0
| step : forall a total b, staircase F a total -> a <= b -> staircase F b (total + F a * (b - a)).

Definition is_area (F : R -> R) (q area : R) : Prop := is_lub (staircase F q) area.

Section Area.

Context {F : R -> R} (F_rises : nondecreasing F).

Lemma staircase_starts_at_0 : forall q total, staircase F q total -> 0 <= q.
Proof. induction 1; lra. Qed.

Lemma staircase_below : forall q total, staircase F q total -> q <= 1 -> total <= F q * q.
Proof.
  induction 1 as [| a total b stairs induction ordered]; intros at_most_1; [lra |].
  pose proof (staircase_starts_at_0 a total stairs).
  assert (F a <= F b) by (apply F_rises; unfold probability; lra).
  specialize (induction ltac:(lra)); nra.
Qed.

Lemma area_exists : forall q, probability q -> { area | is_area F q area }.
Proof.
  intros q q01; apply completeness.
  - exists (F q * q); intros total stairs; apply staircase_below; [assumption | unfold probability in q01; lra].
  - exists (0 + F 0 * (q - 0)); apply step; [apply floor | unfold probability in q01; lra].
Qed.

(** Cut a staircase at [b]: what is lost is at most the rectangle as high as F at the far end. *)
Lemma staircase_cut : forall a total, staircase F a total -> a <= 1 -> forall b, 0 <= b <= a ->
  exists rest, staircase F b rest /\ total <= rest + F a * (a - b).
Proof.
  induction 1 as [| c total a stairs induction ordered]; intros at_most_1 b between.
  - exists 0; replace b with 0 by lra; split; [apply floor | lra].
  - pose proof (staircase_starts_at_0 c total stairs).
    assert (F c <= F a) by (apply F_rises; unfold probability; lra).
    destruct (Rle_dec c b) as [late | early].
    + exists (total + F c * (b - c)); split; [apply step; assumption | nra].
    + destruct (induction ltac:(lra) b ltac:(lra)) as [rest [shorter bound]].
      exists rest; split; [assumption | nra].
Qed.

(** F is the slope of its area, in the only sense that a jump allows. *)
Lemma area_tangent : forall a b area_a area_b, probability a -> probability b ->
  is_area F a area_a -> is_area F b area_b -> area_a + (b - a) * F a <= area_b.
Proof.
  intros a b area_a area_b a01 b01 [_ least_a] [above_b _]; unfold probability in *.
  enough (area_a <= area_b - (b - a) * F a) by lra.
  apply least_a; intros total stairs; destruct (Rle_dec a b) as [forward | backward].
  - specialize (above_b _ (step F a total b stairs forward)); lra.
  - destruct (staircase_cut a total stairs ltac:(lra) b ltac:(lra)) as [rest [shorter bound]].
    specialize (above_b rest shorter); lra.
Qed.

End Area.

Lemma area_0 : forall F area, is_area F 0 area -> area = 0.
Proof.
  intros F area [above least]; apply Rle_antisym; [| apply above, floor].
  apply least; assert (forall q total, staircase F q total -> q <= 0 -> total = 0 /\ q = 0) as flat.
  { induction 1 as [| a total b stairs induction ordered]; intros at_0; [auto |].
    pose proof (staircase_starts_at_0 a total stairs); destruct (induction ltac:(lra)) as [-> ->].
    replace b with 0 by lra; split; ring. }
  intros total stairs; destruct (flat 0 total stairs (Rle_refl 0)); lra.
Qed.

(** ** From a distribution to a reward *)

Definition distribution (F area : R -> R) : Prop :=
  nondecreasing F /\ forall q, probability q -> is_area F q (area q).

Definition from_distribution (F area : R -> R) : reward := fun q correct => (indicator correct - q) * F q + area q.

Lemma from_distribution_expected : forall F area p q,
  expected_reward (from_distribution F area) p q = (p - q) * F q + area q.
Proof. intros; unfold expected_reward, from_distribution, indicator; ring. Qed.

Lemma from_distribution_spread : forall F area q, spread (from_distribution F area) q = F q.
Proof. intros; unfold spread, from_distribution, indicator; ring. Qed.

(** The area is the value. *)
Lemma from_distribution_honest_value : forall F area p, honest_value (from_distribution F area) p = area p.
Proof. intros; unfold honest_value; rewrite from_distribution_expected; ring. Qed.

Theorem from_distribution_proper : forall F area, distribution F area -> proper (from_distribution F area).
Proof.
  intros F area [rises under] p q p01 q01; rewrite from_distribution_expected, from_distribution_honest_value.
  pose proof (area_tangent rises q p (area q) (area p) q01 p01 (under q q01) (under p p01)); lra.
Qed.

Theorem from_distribution_safe : forall F area, distribution F area -> 0 <= F 0 -> safe (from_distribution F area).
Proof.
  intros F area under mass; split; [apply from_distribution_proper; assumption |].
  apply joint_optimality; [apply from_distribution_proper; assumption |].
  unfold from_distribution, indicator; lra.
Qed.

(** ** From a reward to its distribution *)

Section Representation.

Context {r : reward}.

Lemma spread_is_nondecreasing : proper r -> nondecreasing (spread r).
Proof. intros honest a b; apply (spread_nondecreasing honest). Qed.

(** A proper rule is strict exactly when its distribution increases everywhere: when every confidence is used. *)
Theorem strictly_proper_iff_increasing : proper r -> (strictly_proper r <-> increasing (spread r)).
Proof.
  intros honest; split.
  - intros strict a b a01 b01 less.
    pose proof (strict a b a01 b01 ltac:(lra)); pose proof (strict b a b01 a01 ltac:(lra)).
    unfold honest_value, expected_reward, spread in *; nra.
  - intros strictly p q p01 q01 distinct; set (m := (p + q) / 2).
    assert (probability m) as m01 by (unfold m, probability in *; lra).
    pose proof (tangent_below honest m p m01 p01) as first; pose proof (tangent_below honest q m q01 m01) as second.
    replace (expected_reward r p q) with (honest_value r q + (p - q) * spread r q)
      by (unfold honest_value, expected_reward, spread; ring).
    destruct (Rlt_le_dec p q).
    + pose proof (strictly m q m01 q01 ltac:(unfold m; lra)); unfold m in *; nra.
    + pose proof (strictly q m q01 m01 ltac:(unfold m; lra)); unfold m in *; nra.
Qed.

Lemma staircase_below_value : proper r -> forall q total, staircase (spread r) q total -> q <= 1 ->
  total <= honest_value r q - honest_value r 0.
Proof.
  intros honest; induction 1 as [| a total b stairs induction ordered]; intros at_most_1; [lra |].
  pose proof (staircase_starts_at_0 a total stairs).
  pose proof (tangent_below honest a b ltac:(unfold probability; lra) ltac:(unfold probability; lra)).
  specialize (induction ltac:(lra)); lra.
Qed.

(** [k] steps of width [h] miss the value by at most one column. *)
Lemma even_staircase : proper r -> forall h k, 0 <= h -> INR k * h <= 1 ->
  exists total, staircase (spread r) (INR k * h) total /\
  honest_value r (INR k * h) - honest_value r 0 <= total + (spread r (INR k * h) - spread r 0) * h.
Proof.
  intros honest h k h_positive; induction k as [| k induction]; intros at_most_1.
  - exists 0; simpl INR; rewrite Rmult_0_l; split; [apply floor | lra].
  - rewrite S_INR in *; assert (0 <= INR k) by apply pos_INR.
    destruct induction as [total [stairs close]]; [nra |].
    exists (total + spread r (INR k * h) * ((INR k + 1) * h - INR k * h)); split; [apply step; [assumption | nra] |].
    pose proof (tangent_below honest ((INR k + 1) * h) (INR k * h)) as back; unfold probability in back.
    specialize (back ltac:(nra) ltac:(nra)); nra.
Qed.

Theorem value_is_area : proper r -> forall q, probability q ->
  is_area (spread r) q (honest_value r q - honest_value r 0).
Proof.
  intros honest q q01; unfold probability in q01; split.
  { intros total stairs; apply (staircase_below_value honest); [assumption | lra]. }
  intros bound above; apply Rnot_lt_le; intro gap.
  set (rise := spread r q - spread r 0).
  assert (0 <= rise) by (unfold rise; pose proof (spread_is_nondecreasing honest 0 q); unfold probability in *; lra).
  destruct (archimed_cor1 ((honest_value r q - honest_value r 0 - bound) / (rise + 1))) as [n [small positive]];
    [apply Rdiv_lt_0_compat; lra |].
  assert (0 < INR n) by (apply lt_0_INR; assumption).
  destruct (even_staircase honest (q / INR n) n) as [total [stairs close]]; [apply Rle_mult_inv_pos; lra | |].
  - replace (INR n * (q / INR n)) with q by (field; lra); lra.
  - replace (INR n * (q / INR n)) with q in * by (field; lra); fold rise in close; specialize (above total stairs).
    assert (rise * (q / INR n) <= rise * / INR n).
    { apply Rmult_le_compat_l; [assumption |]; unfold Rdiv; rewrite <- (Rmult_1_l (/ INR n)) at 2.
      apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat |]; lra. }
    assert ((rise + 1) * / INR n < honest_value r q - honest_value r 0 - bound).
    { replace (honest_value r q - honest_value r 0 - bound)
        with ((rise + 1) * ((honest_value r q - honest_value r 0 - bound) / (rise + 1))) by (field; lra).
      apply Rmult_lt_compat_l; lra. }
    assert (0 < / INR n) by (apply Rinv_0_lt_compat; assumption); lra.
Qed.

(** Every proper reward is R(0, 0) plus the mixture of threshold bets with the distribution R(q, 1) - R(q, 0). *)
Theorem every_proper_reward_is_a_mixture : proper r ->
  exists F area, nondecreasing F /\ (forall q, probability q -> is_area F q (area q)) /\ F 0 = r 0 true - r 0 false /\
  forall q correct, r q correct = r 0 false + from_distribution F area q correct.
Proof.
  intros honest; exists (spread r), (fun q => honest_value r q - honest_value r 0); repeat split.
  - exact (spread_is_nondecreasing honest).
  - apply (value_is_area honest); assumption.
  - apply (value_is_area honest); assumption.
  - intros q correct; rewrite honest_value_0.
    unfold from_distribution, spread, honest_value, expected_reward, indicator; destruct correct; ring.
Qed.

End Representation.
