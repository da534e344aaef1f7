(** * The margin

    The exact test in its sharpest form. For every proper reward, however discontinuous, joint optimality is the
    statement that no positive confidence, when correct, earns less than R(0, 0); so the limit m = R(0+, 1) - R(0,
    0) decides, and where R(., 1) does not jump up at 0 the sign of R(0, 1) - R(0, 0) itself decides. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality.
Open Scope R_scope.

(** A correct answer is paid more for a higher confidence. *)
Lemma on_correct_nondecreasing : forall r, proper r ->
  forall a b, probability a -> probability b -> a <= b -> r a true <= r b true.
Proof.
  intros r honest a b a01 b01 ordered.
  pose proof (honest b a b01 a01); pose proof (spread_nondecreasing honest a b a01 b01 ordered) as steeper.
  unfold honest_value, expected_reward, spread, probability in *.
  assert (0 <= (1 - b) * (r b true - r b false - (r a true - r a false))) by (apply Rmult_le_pos; lra); nra.
Qed.

(** R(., 0) cannot drop at 0 by more than the report is worth: R(0+, 0) = R(0, 0). *)
Lemma on_wrong_continuous_at_zero : forall r, proper r ->
  forall s, 0 < s <= / 2 -> r 0 false - 2 * s * (r 1 true - r 0 true) <= r s false.
Proof.
  intros r honest s small.
  assert (probability s) as s01 by (unfold probability; lra).
  pose proof (honest s 0 s01 probability_0) as better.
  pose proof (on_correct_nondecreasing r honest s 1 s01 probability_1) as top.
  pose proof (on_correct_nondecreasing r honest 0 s probability_0 s01) as bottom.
  unfold honest_value, expected_reward, probability in *.
  assert (r 0 false - r s false <= 2 * ((1 - s) * (r 0 false - r s false)) \/ r 0 false <= r s false) as [] by nra; nra.
Qed.

Theorem jointly_optimal_iff_margin : forall r, proper r ->
  (jointly_optimal r <-> forall p, 0 < p <= 1 -> r 0 false <= r p true).
Proof.
  intros r honest; split.
  - intros joint p p01; apply Rnot_lt_le; intro short; exact (converse honest p p01 short joint).
  - intros margin; apply jointly_optimal_iff_least_at_zero; [assumption |]; intros p p01.
    apply Rnot_lt_le; intro below.
    set (gain := r 1 true - r 0 true).
    assert (0 <= gain).
    { unfold gain; pose proof (on_correct_nondecreasing r honest 0 1); unfold probability in *; lra. }
    set (s := Rmin (/ 2) ((r 0 false - honest_value r p) / (4 * (gain + 1)))).
    assert (0 < (r 0 false - honest_value r p) / (4 * (gain + 1))) by (apply Rdiv_lt_0_compat; lra).
    assert (0 < s <= / 2) as small by (unfold s; split; [apply Rmin_glb_lt; lra | apply Rmin_l]).
    assert (s * (4 * (gain + 1)) <= r 0 false - honest_value r p).
    { apply Rle_trans with ((r 0 false - honest_value r p) / (4 * (gain + 1)) * (4 * (gain + 1))).
      - apply Rmult_le_compat_r; [lra | apply Rmin_r].
      - apply Req_le; field; lra. }
    pose proof (on_wrong_continuous_at_zero r honest s small) as floor; fold gain in floor.
    pose proof (margin s ltac:(lra)).
    pose proof (honest p s p01 ltac:(unfold probability; lra)) as better.
    unfold expected_reward, probability in *; nra.
Qed.

(** ** The limit at 0 *)

Definition right_limit_at_zero (f : R -> R) (limit : R) : Prop :=
  forall eps, 0 < eps -> exists delta, 0 < delta /\ forall x, 0 < x < delta -> Rabs (f x - limit) < eps.

Definition right_upper_semicontinuous_at_zero (f : R -> R) : Prop :=
  forall eps, 0 < eps -> exists delta, 0 < delta /\ forall x, 0 < x < delta -> f x < f 0 + eps.

(** [level] separates the same side from all positive confidences as from arbitrarily small ones. *)
Lemma margin_near_zero : forall r level, proper r ->
  ((forall p, 0 < p <= 1 -> level <= r p true) <->
   (forall delta, 0 < delta -> exists x, 0 < x < delta /\ x <= 1 /\ level <= r x true)).
Proof.
  intros r level honest; split.
  - intros everywhere delta positive; exists (Rmin (delta / 2) 1).
    pose proof (Rmin_l (delta / 2) 1); pose proof (Rmin_r (delta / 2) 1).
    assert (0 < Rmin (delta / 2) 1) by (apply Rmin_glb_lt; lra).
    repeat split; try lra; apply everywhere; lra.
  - intros near p p01; destruct (near p ltac:(lra)) as [x [between [_ high]]].
    apply Rle_trans with (r x true); [assumption |].
    apply on_correct_nondecreasing; auto; unfold probability; lra.
Qed.

(** m = R(0+, 1) - R(0, 0) >= 0. *)
Theorem jointly_optimal_iff_limit : forall r limit, proper r -> right_limit_at_zero (fun q => r q true) limit ->
  (jointly_optimal r <-> r 0 false <= limit).
Proof.
  intros r limit honest tends; rewrite jointly_optimal_iff_margin by assumption; split.
  - intros margin; apply Rnot_lt_le; intro gap.
    destruct (tends (r 0 false - limit) ltac:(lra)) as [delta [positive close]].
    apply (margin_near_zero r _ honest) with (delta := delta) in margin; [| assumption].
    destruct margin as [x [between [_ high]]]; specialize (close x between).
    apply Rabs_def2 in close; lra.
  - intros sign p p01; apply Rnot_lt_le; intro short.
    destruct (tends (limit - r p true) ltac:(lra)) as [delta [positive close]].
    pose proof (Rmin_l (delta / 2) p); pose proof (Rmin_r (delta / 2) p).
    assert (0 < Rmin (delta / 2) p) by (apply Rmin_glb_lt; lra).
    specialize (close (Rmin (delta / 2) p) ltac:(lra)); apply Rabs_def2 in close.
    pose proof (on_correct_nondecreasing r honest (Rmin (delta / 2) p) p); unfold probability in *; lra.
Qed.

(** Without a jump up at 0 the sign at 0 itself is necessary and sufficient. *)
Theorem jointly_optimal_iff_sign : forall r,
  proper r -> right_upper_semicontinuous_at_zero (fun q => r q true) ->
  (jointly_optimal r <-> r 0 false <= r 0 true).
Proof.
  intros r honest no_jump; split; [| apply joint_optimality; assumption].
  rewrite jointly_optimal_iff_margin by assumption; intros margin.
  apply Rnot_lt_le; intro gap.
  destruct (no_jump (r 0 false - r 0 true) ltac:(lra)) as [delta [positive close]].
  apply (margin_near_zero r _ honest) with (delta := delta) in margin; [| assumption].
  destruct margin as [x [between [_ high]]]; specialize (close x between); lra.
Qed.

(** ** The critical weight: R = c + lam S is jointly optimal iff lam (S(0, 0) - S(0+, 1)) <= 1 *)

Lemma expected_with_correctness : forall lam s p q,
  expected_reward (with_correctness lam s) p q = p + lam * expected_reward s p q.
Proof. intros; unfold expected_reward, with_correctness, indicator; ring. Qed.

Lemma with_correctness_proper : forall lam s, 0 <= lam -> proper s -> proper (with_correctness lam s).
Proof.
  intros lam s positive honest p q p01 q01; unfold honest_value.
  rewrite !expected_with_correctness; pose proof (honest p q p01 q01); unfold honest_value in *; nra.
Qed.

Lemma with_correctness_strictly_proper : forall lam s,
  0 < lam -> strictly_proper s -> strictly_proper (with_correctness lam s).
Proof.
  intros lam s positive strict p q p01 q01 distinct; unfold honest_value.
  rewrite !expected_with_correctness; pose proof (strict p q p01 q01 distinct); unfold honest_value in *; nra.
Qed.

Theorem critical_weight : forall lam s limit,
  0 < lam -> proper s -> right_limit_at_zero (fun q => s q true) limit ->
  (jointly_optimal (with_correctness lam s) <-> lam * (s 0 false - limit) <= 1).
Proof.
  intros lam s limit positive honest tends.
  rewrite (jointly_optimal_iff_limit (with_correctness lam s) (1 + lam * limit)).
  - unfold with_correctness, indicator; split; lra.
  - apply with_correctness_proper; [lra | assumption].
  - intros eps eps_positive.
    destruct (tends (eps / lam)) as [delta [delta_positive close]]; [apply Rdiv_lt_0_compat; lra |].
    exists delta; split; [assumption |]; intros x between; specialize (close x between).
    unfold with_correctness, indicator.
    replace (1 + lam * s x true - (1 + lam * limit)) with (lam * (s x true - limit)) by ring.
    rewrite Rabs_mult, (Rabs_right lam) by lra.
    replace eps with (lam * (eps / lam)) by (field; lra).
    apply Rmult_lt_compat_l; assumption.
Qed.
