(** * The safe cone: every mixture is safe, and every safe reward is one

    The two halves of Distributions.v in one statement. Safe rewards need F >= 0 on (0, 1] only: what a confidence of 0
    is paid when correct is free to fall, and F(0) may be negative there. Payoffs are real numbers at 0 and 1 as well,
    so these are the bounded rewards. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Cone Thresholds Distributions.
Import ListNotations.
Open Scope R_scope.

(** A nonnegative mixture of threshold bets: F(q) >= 0 is the mass of the thresholds below q. *)
Definition nonnegative_mixture (r : reward) : Prop := exists k F area,
  distribution F area /\ (forall q, 0 < q <= 1 -> 0 <= F q) /\
  forall q correct, probability q -> r q correct = k + from_distribution F area q correct.

(** Reports outside [0, 1] do not count. *)
Lemma safe_ext : forall r s, (forall q correct, probability q -> r q correct = s q correct) -> safe s -> safe r.
Proof.
  intros r s same s_safe; apply safe_iff in s_safe as [honest rises]; apply safe_iff.
  assert (forall p q, probability q -> expected_reward r p q = expected_reward s p q) as equal.
  { intros p q q01; unfold expected_reward; rewrite !same by assumption; reflexivity. }
  split; [intros p q p01 q01 | intros a b a01 b01]; unfold honest_value; rewrite !equal by assumption.
  - apply honest; assumption.
  - apply rises; assumption.
Qed.

Lemma area_nonnegative : forall F area, distribution F area -> (forall q, 0 < q <= 1 -> 0 <= F q) ->
  forall p, probability p -> 0 <= area p.
Proof.
  intros F area [rises under] mass p p01; unfold probability in p01.
  destruct (Req_dec p 0) as [-> | positive]; [rewrite (area_0 F (area 0)); auto; lra |].
  destruct (under p p01) as [above _].
  assert (forall s, 0 < s <= p -> s * F 0 <= area p) as floors.
  { intros s inside; pose proof (mass s ltac:(lra)).
    assert (staircase F p (0 + F 0 * (s - 0) + F s * (p - s))) as stairs.
    { apply step; [apply step; [apply floor | lra] | lra]. }
    specialize (above _ stairs); nra. }
  apply Rnot_lt_le; intro negative; pose proof (floors p ltac:(lra)) as whole.
  assert (F 0 < 0) as debt by nra.
  assert (0 < area p / (2 * F 0)) as room.
  { replace (area p / (2 * F 0)) with (- area p / (2 * - F 0)) by (field; lra); apply Rdiv_lt_0_compat; lra. }
  pose proof (Rmin_l p (area p / (2 * F 0))); pose proof (Rmin_r p (area p / (2 * F 0))).
  specialize (floors (Rmin p (area p / (2 * F 0))) ltac:(split; [apply Rmin_glb_lt; lra | lra])).
  assert (area p / (2 * F 0) * F 0 = area p / 2) by (field; lra).
  nra.
Qed.

Theorem nonnegative_mixture_safe : forall r, nonnegative_mixture r -> safe r.
Proof.
  intros r [k [F [area [under [mass equal]]]]].
  apply safe_ext with (sum (constant k) (from_distribution F area)).
  { intros q correct q01; rewrite equal by assumption; reflexivity. }
  apply safe_sum; [apply safe_constant |].
  assert (proper (from_distribution F area)) as honest by (apply from_distribution_proper; assumption).
  split; [assumption |]; apply jointly_optimal_iff_least_at_zero; [assumption |]; intros p p01.
  rewrite from_distribution_honest_value; pose proof (area_nonnegative F area under mass p p01).
  destruct under as [_ under]; pose proof (area_0 F (area 0) (under 0 probability_0)).
  unfold from_distribution, indicator; lra.
Qed.

Theorem safe_iff_nonnegative_mixture : forall r, safe r <-> nonnegative_mixture r.
Proof.
  intros r; split; [| apply nonnegative_mixture_safe]; intros [honest joint].
  exists (r 0 false), (spread r), (fun q => honest_value r q - honest_value r 0); repeat split.
  - exact (spread_is_nondecreasing honest).
  - apply (value_is_area honest); assumption.
  - apply (value_is_area honest); assumption.
  - intros q inside; assert (probability q) as q01 by (unfold probability; lra).
    pose proof (proj1 (jointly_optimal_iff_margin r honest) joint q inside) as margin.
    pose proof (honest 0 q probability_0 q01) as floor; rewrite honest_value_0 in floor.
    unfold expected_reward, spread in *; lra.
  - intros q correct _; rewrite honest_value_0.
    unfold from_distribution, spread, honest_value, expected_reward, indicator; destruct correct; ring.
Qed.

(** The mass below 1 is the range, from a confident success to a confident error: apart from a confidence of 0 that
    turns out correct, no report is paid outside it. *)
Theorem safe_range : forall r, safe r -> forall q correct, probability q -> (correct = true -> 0 < q) ->
  r 1 false <= r q correct <= r 1 true /\ r 1 true - r 1 false = spread r 1.
Proof.
  intros r [honest joint] q correct q01 stated; split; [| reflexivity].
  pose proof (on_correct_nondecreasing r honest q 1 q01 probability_1 (proj2 q01)) as high.
  pose proof (spread_nondecreasing honest q 1 q01 probability_1 (proj2 q01)) as steeper.
  pose proof (honest 0 1 probability_0 probability_1) as floor.
  pose proof (honest q 1 q01 probability_1) as better.
  pose proof (honest 1 q probability_1 q01) as best.
  assert (r 1 false <= r q false) as low.
  { unfold honest_value, expected_reward, spread, probability in *.
    destruct (Req_dec q 1) as [-> |]; [lra |]; nra. }
  assert (r 0 false <= r 1 true) as pays by (apply (jointly_optimal_iff_margin r honest); auto; lra).
  assert (r q false <= r 0 false) as falls.
  { pose proof (honest 0 q probability_0 q01); unfold honest_value, expected_reward in *; lra. }
  destruct correct; [| lra]; specialize (stated eq_refl); split; [| assumption].
  pose proof (proj1 (jointly_optimal_iff_margin r honest) joint q ltac:(unfold probability in q01; lra)); lra.
Qed.
