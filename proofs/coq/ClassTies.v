(** * Tying the answer to the stated distribution

    Three ties. (1) The answer is a mode of the stated distribution, and the whole distribution is scored: right and
    honest at every weight, and the report alone decides. (2) Only the confidence of the named answer is scored, and
    any answer may be named with any confidence: for every number of classes at once this is the binary case, with its
    critical weight; with K classes and no more, Brier holds exactly for lam (K - 2) <= K - 1. (3) Only the confidence
    of the named answer is scored, and the answer is a mode of the stated distribution, so its confidence is at least
    1/K: R(1/K, 1) >= R(1/K, 0) suffices, and for Brier, where it says lam (K - 2) <= K, it is exact. *)

From Coq Require Import Reals Lra Psatz List Arith.
From ScoringTheory Require Import Definitions JointOptimality Margin Extended Brier Logarithm KClass ClassRules.
Import ListNotations.
Open Scope R_scope.

(** No class is more probable. *)
Definition mode_of (K : nat) (q : report) (answer : nat) : Prop :=
  (answer < K)%nat /\ forall y, (y < K)%nat -> q y <= q answer.

(** ** The whole distribution is scored *)

Theorem mode_tied_jointly_optimal : forall K lam s p best, 0 <= lam -> class_proper K s -> distribution_on K p ->
  mode_of K p best -> forall answer q, distribution_on K q -> mode_of K q answer ->
  expectation K p (class_reward lam s answer q) <= expectation K p (class_reward lam s best p).
Proof.
  intros K lam s p best positive honest p_sums [inside top] answer q q_sums [answer_inside _].
  apply untied_report_jointly_optimal; auto.
Qed.

(** The report alone decides: the honest one earns the most, with whichever of its modes, and no other report does. *)
Theorem mode_tied_only_the_report : forall K lam s p best, 0 < lam -> class_strictly_proper K s -> class_proper K s ->
  distribution_on K p -> mode_of K p best -> forall answer q, distribution_on K q -> mode_of K q answer ->
  (differ K p q -> expectation K p (class_reward lam s answer q) < expectation K p (class_reward lam s best p)) /\
  (~ differ K p q -> p answer = p best).
Proof.
  intros K lam s p best positive strict honest p_sums [inside top] answer q q_sums [answer_inside answer_top]; split.
  - intros other; apply untied_report_strictly_optimal; auto.
  - intros same; assert (forall y, (y < K)%nat -> p y = q y) as equal.
    { intros y below; destruct (Req_dec (p y) (q y)) as [| apart]; [assumption |].
      exfalso; apply same; exists y; auto. }
    apply Rle_antisym; [auto |]; rewrite !equal by assumption; auto.
Qed.

(** ** Only the confidence of the named answer is scored *)

(** The agent names a class [a] and states a confidence [q] in it; it is right with probability [p a]. *)
Definition top_label_optimal (K : nat) (r : reward) : Prop := forall p best, distribution_on K p -> mode_of K p best ->
  forall a q, (a < K)%nat -> probability q -> expected_reward r (p a) q <= honest_value r (p best).

Lemma total_single : forall K f y, (forall z, (z < K)%nat -> 0 <= f z) -> (y < K)%nat -> f y <= total K f.
Proof.
  induction K as [| K induction]; intros f y nonnegative inside; [lia |]; simpl.
  pose proof (nonnegative K ltac:(lia)); pose proof (total_nonnegative K f ltac:(auto)).
  destruct (Nat.eq_dec y K) as [-> | other]; [lra |]; specialize (induction f y ltac:(auto) ltac:(lia)); lra.
Qed.

Lemma distribution_probability : forall K p y, distribution_on K p -> (y < K)%nat -> probability (p y).
Proof.
  intros K p y [nonnegative one] inside; split; [auto |]; rewrite <- one; apply total_single; assumption.
Qed.

Theorem top_label_of_jointly_optimal : forall r, jointly_optimal r -> forall K, top_label_optimal K r.
Proof.
  intros r joint K p best p_sums [inside top] a q a_inside q01.
  apply (joint [p best; p a] (p best)); simpl; auto.
  repeat split; simpl; auto.
  - repeat apply Forall_cons; try apply Forall_nil; apply (distribution_probability K); assumption.
  - intros x [<- | [<- | []]]; auto; lra.
Qed.

(** An impossible class, one of probability p, and the rest in [m] equal parts. *)
Definition spread_out (p rest : R) : report := fun y => match y with O => 0 | S O => p | _ => rest end.

Lemma spread_out_total : forall p rest m, total (S (S m)) (spread_out p rest) = p + INR m * rest.
Proof.
  intros p rest m; induction m as [| m induction]; [simpl; ring |].
  change (total (S (S m)) (spread_out p rest) + rest = p + INR (S m) * rest); rewrite induction, S_INR; ring.
Qed.

Lemma spread_out_distribution : forall p rest m, 0 <= rest <= p -> p + INR m * rest = 1 ->
  distribution_on (S (S m)) (spread_out p rest) /\ mode_of (S (S m)) (spread_out p rest) 1.
Proof.
  intros p rest m ordered one; split; split; [| rewrite spread_out_total; assumption | lia |];
    intros [| [| y]] _; simpl; lra.
Qed.

(** Enough classes, and the one of probability p is the mode. *)
Lemma spread_out_enough : forall p, 0 < p <= 1 -> exists m rest,
  distribution_on (S (S m)) (spread_out p rest) /\ mode_of (S (S m)) (spread_out p rest) 1.
Proof.
  intros p p01; destruct (archimed_cor1 p ltac:(lra)) as [m [small m_positive]].
  assert (0 < INR m) by (apply lt_0_INR; assumption).
  exists m, ((1 - p) / INR m); apply spread_out_distribution; [| field; lra].
  split; [apply Rle_mult_inv_pos; lra |].
  apply Rle_trans with (/ INR m); [| lra]; unfold Rdiv; rewrite <- (Rmult_1_l (/ INR m)) at 2.
  apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat |]; lra.
Qed.

(** For every number of classes at once, scoring the top label is the binary case exactly. *)
Theorem top_label_iff_jointly_optimal : forall r, proper r ->
  ((forall K, top_label_optimal K r) <-> jointly_optimal r).
Proof.
  intros r honest; split; [| apply top_label_of_jointly_optimal]; intros every.
  apply jointly_optimal_iff_least_at_zero; [assumption |]; intros p p01; unfold probability in p01.
  destruct (Req_dec p 0) as [-> | positive]; [rewrite honest_value_0; lra |].
  destruct (spread_out_enough p ltac:(lra)) as [m [rest [sums top]]].
  specialize (every _ _ _ sums top 0%nat 0 ltac:(lia) probability_0); simpl in every.
  change (expected_reward r 0 0) with (honest_value r 0) in every; rewrite honest_value_0 in every; exact every.
Qed.

(** So with the log score of the named answer every weight fails, with enough classes: naming an impossible one with
    confidence 0 earns more than the mode with its true confidence. *)
Theorem top_label_log_fails : forall lam, 0 < lam -> exists K p best a,
  distribution_on K p /\ mode_of K p best /\ (a < K)%nat /\
  below (expected (log_reward lam) (p best) (p best)) (expected (log_reward lam) (p a) 0).
Proof.
  intros lam positive; destruct (log_fails_at_witness lam positive) as [inside better].
  set (p := exp (- (2 / lam))) in *; destruct (spread_out_enough p ltac:(lra)) as [m [rest [sums top]]].
  exists (S (S m)), (spread_out p rest), 1%nat, 0%nat; repeat split; try apply sums; try apply top; try lia; exact better.
Qed.

(** ** With K classes and no more *)

Lemma total_at_most : forall K f bound, (forall y, (y < K)%nat -> f y <= bound) -> total K f <= INR K * bound.
Proof.
  induction K as [| K induction]; intros f bound below; [simpl; lra |]; rewrite S_INR; simpl.
  pose proof (induction f bound ltac:(auto)); pose proof (below K ltac:(lia)); lra.
Qed.

Lemma mode_at_least : forall K q answer, distribution_on K q -> mode_of K q answer -> 1 <= INR K * q answer.
Proof. intros K q answer [_ one] [_ top]; rewrite <- one; apply total_at_most; assumption. Qed.

(** All the others hold at most K - 1 times the largest. *)
Lemma others_at_most : forall K q answer y, distribution_on K q -> mode_of K q answer -> (y < K)%nat ->
  1 <= q y + (INR K - 1) * q answer.
Proof.
  intros K q answer y [_ one] [_ top] inside.
  pose proof (total_at_most K (fun z => q z + (q answer - q y) * (1 * right_answer y z)) (q answer)) as largest.
  rewrite total_plus, total_scaled, one in largest.
  change (total K (fun z => 1 * right_answer y z)) with (expectation K (fun _ => 1) (right_answer y)) in largest.
  rewrite right_answer_expected in largest by assumption.
  enough (1 + (q answer - q y) * 1 <= INR K * q answer) by lra; apply largest; intros z below.
  pose proof (top z below); pose proof (top y inside); unfold right_answer.
  destruct (Nat.eqb_spec y z) as [<- | other]; lra.
Qed.

Lemma rlcr_expected : forall lam p q, expected_reward (rlcr lam) p q = p - lam * (q ^ 2 + p * (1 - 2 * q)).
Proof. intros; unfold expected_reward, rlcr, with_correctness, brier, indicator; ring. Qed.

(** For Brier the sum of two confidences decides, and among K classes the largest and another add up to at least
    1 / (K - 1). *)
Theorem top_label_brier_iff : forall K lam, (2 <= K)%nat -> 0 < lam ->
  (top_label_optimal K (rlcr lam) <-> lam * (INR K - 2) <= INR K - 1).
Proof.
  intros K lam enough positive; assert (2 <= INR K) by (pose proof (le_INR 2 K enough) as many; simpl in many; lra).
  split.
  - intros optimal; destruct K as [| [| m]]; [lia | lia |]; pose proof (pos_INR m).
    assert (INR (S (S m)) = INR m + 2) as size by (rewrite !S_INR; ring); rewrite size in *.
    assert (0 < / (INR m + 1) <= 1) as share.
    { split; [apply Rinv_0_lt_compat; lra | rewrite <- Rinv_1; apply Rinv_le_contravar; lra]. }
    destruct (spread_out_distribution (/ (INR m + 1)) (/ (INR m + 1)) m ltac:(lra) ltac:(field; lra)) as [sums top].
    specialize (optimal _ _ sums top 0%nat 0 ltac:(lia) probability_0); unfold honest_value in optimal.
    rewrite !rlcr_expected in optimal; simpl in optimal; set (b := / (INR m + 1)) in *.
    assert (b * (INR m + 1) = 1) as unit by (unfold b; field; lra).
    assert (lam * (1 - b) <= 1) by nra; nra.
  - intros small p best p_sums top a q a_inside q01.
    pose proof (distribution_probability K p a p_sums a_inside) as [a_nonnegative _].
    pose proof (others_at_most K p best a p_sums top a_inside) as crowded.
    pose proof (proj2 top a a_inside) as ordered.
    assert (1 <= (INR K - 1) * (p a + p best)) as apart by nra.
    assert (lam * ((INR K - 1) * (p a + p best) - 1) >= 0) by nra.
    assert (0 <= 1 - lam * (1 - (p a + p best))) as slope by nra.
    unfold honest_value; rewrite !rlcr_expected.
    pose proof (Rmult_le_pos lam _ ltac:(lra) (pow2_ge_0 (q - p a))); nra.
Qed.

(** ** Only the confidence of the named answer is scored, and it is a mode of the stated distribution *)

Definition tied_top_label_optimal (K : nat) (r : reward) : Prop := forall p best, distribution_on K p ->
  mode_of K p best -> forall stated a, distribution_on K stated -> mode_of K stated a ->
  expected_reward r (p a) (stated a) <= honest_value r (p best).

Theorem tied_top_label_of_sign : forall K r, proper r -> r (/ INR K) false <= r (/ INR K) true ->
  tied_top_label_optimal K r.
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

(** Exact for Brier: just above the uniform distribution, naming an unlikely answer with confidence 1/K earns more. *)
Theorem tied_top_label_brier_iff : forall K lam, (2 <= K)%nat -> 0 < lam ->
  (tied_top_label_optimal K (rlcr lam) <-> lam * (INR K - 2) <= INR K).
Proof.
  intros K lam enough positive; assert (2 <= INR K) by (pose proof (le_INR 2 K enough) as many; simpl in many; lra).
  set (u := / INR K); assert (u * INR K = 1) as unit by (unfold u; field; lra).
  assert (0 < u <= 1) as share.
  { unfold u; split; [apply Rinv_0_lt_compat; lra | rewrite <- Rinv_1; apply Rinv_le_contravar; lra]. }
  split.
  - intros optimal; apply Rnot_lt_le; intro large.
    assert (0 < lam * (1 - 2 * u) - 1) as steep by nra.
    set (t := Rmin u ((lam * (1 - 2 * u) - 1) * INR K / lam / 2)).
    assert (0 < (lam * (1 - 2 * u) - 1) * INR K / lam / 2) as room.
    { unfold Rdiv; repeat apply Rmult_lt_0_compat; try lra; apply Rinv_0_lt_compat; lra. }
    assert (0 < t) as t_positive by (unfold t; apply Rmin_glb_lt; lra).
    pose proof (Rmin_l u ((lam * (1 - 2 * u) - 1) * INR K / lam / 2)) as t_small.
    pose proof (Rmin_r u ((lam * (1 - 2 * u) - 1) * INR K / lam / 2)) as t_room; fold t in t_small, t_room.
    assert (lam * t < (lam * (1 - 2 * u) - 1) * INR K) as gain.
    { apply Rle_lt_trans with (lam * ((lam * (1 - 2 * u) - 1) * INR K / lam / 2)); [apply Rmult_le_compat_l; lra |].
      replace (lam * ((lam * (1 - 2 * u) - 1) * INR K / lam / 2)) with ((lam * (1 - 2 * u) - 1) * INR K / 2)
        by (field; lra); nra. }
    set (e := t / (INR K - 1)); assert (e * (INR K - 1) = t) as scaled by (unfold e; field; lra).
    assert (0 < e) as e_positive by (unfold e; apply Rdiv_lt_0_compat; lra).
    set (p := fun y => match y with O => u - t | _ => u + e end).
    assert (forall k, total (S k) p = INR (S k) * (u + e) - (t + e)) as sums.
    { intros k; induction k as [| k induction]; [simpl; unfold p; ring |].
      change (total (S k) p + (u + e) = INR (S (S k)) * (u + e) - (t + e)); rewrite induction, !S_INR; ring. }
    assert (distribution_on K p) as p_sums.
    { split; [intros [| y] _; unfold p; lra |]; destruct K as [| k]; [lia |]; rewrite sums; nra. }
    assert (mode_of K p 1) as top by (split; [lia | intros [| y] _; unfold p; lra]).
    assert (distribution_on K (fun _ => u)) as uniform.
    { split; [intros; lra |].
      assert (forall k x, total k (fun _ => x) = INR k * x) as even; [| rewrite even, Rmult_comm; assumption].
      intros k x; induction k as [| k induction]; [simpl; ring |].
      change (total k (fun _ => x) + x = INR (S k) * x); rewrite induction, S_INR; ring. }
    pose proof (optimal p 1%nat p_sums top (fun _ => u) 0%nat uniform ltac:(split; [lia | intros; lra])) as wrong.
    unfold honest_value in wrong; rewrite !rlcr_expected in wrong; unfold p in wrong.
    assert (t * (lam * (1 - 2 * u) - 1) + e * (lam * (1 - 2 * u) - 1) <= lam * e ^ 2) as close by nra.
    assert (e * (INR K * (lam * (1 - 2 * u) - 1)) <= e * (lam * e)) as closer by nra.
    apply Rmult_le_reg_l in closer; [| assumption].
    assert (e <= t) by nra; nra.
  - intros small; apply tied_top_label_of_sign.
    + apply strictly_proper_is_proper, rlcr_strictly_proper; assumption.
    + fold u; assert (lam * (1 - 2 * u) <= 1) by nra.
      unfold rlcr, with_correctness, brier, indicator; nra.
Qed.
