(** * Dividing by the group's standard deviation

    Group-relative training follows (reward - group mean) / group standard deviation. When the outcome is shared by
    the whole group, the division erases how much a report pays and keeps only its sign: every strictly proper rule
    turns into the linear rule (2p - 1) q, which is improper and drives the confidence to 0 or 1. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Brier.
Import ListNotations.
Open Scope R_scope.

Definition mean (xs : list R) : R := fold_right Rplus 0 xs / INR (length xs).
Definition deviation (xs : list R) : R := sqrt (mean (map (fun x => (x - mean xs) ^ 2) xs)).
Definition standardised (xs : list R) (x : R) : R := (x - mean xs) / deviation xs.

(** Expected advantage of the report [q] in a group of [reports] that are all correct together or all wrong
    together. *)
Definition shared_advantage (r : reward) (p : R) (reports : list R) (q : R) : R :=
  p * standardised (map (fun x => r x true) reports) (r q true)
  + (1 - p) * standardised (map (fun x => r x false) reports) (r q false).

(** ** The linear rule is improper: its best report is 0 or 1 *)

Definition linear : reward := fun q correct => if correct then q else - q.

Lemma linear_expected : forall p q, expected_reward linear p q = (2 * p - 1) * q.
Proof. intros; unfold expected_reward, linear; ring. Qed.

Theorem linear_best_report_1 : forall p q, / 2 < p -> q < 1 -> expected_reward linear p q < expected_reward linear p 1.
Proof. intros; rewrite !linear_expected; nra. Qed.

Theorem linear_best_report_0 : forall p q, p < / 2 -> 0 < q -> expected_reward linear p q < expected_reward linear p 0.
Proof. intros; rewrite !linear_expected; nra. Qed.

Theorem linear_improper : ~ proper linear.
Proof.
  intros honest.
  pose proof (honest (3 / 4) 1 ltac:(unfold probability; lra) probability_1).
  pose proof (linear_best_report_1 (3 / 4) (3 / 4)); unfold honest_value in *; lra.
Qed.

(** ** Groups of two: every strictly proper rule becomes the linear rule *)

Lemma deviation_pair : forall a b, deviation [a; b] = Rabs (a - b) / 2.
Proof.
  intros a b; unfold deviation; replace (mean _) with (((a - b) / 2) ^ 2) by (unfold mean; simpl; field).
  rewrite <- Rsqr_pow2, sqrt_Rsqr_abs; unfold Rdiv; rewrite Rabs_mult, (Rabs_right (/ 2)) by lra; reflexivity.
Qed.

Lemma standardised_pair_high : forall a b, b < a -> standardised [a; b] a = 1.
Proof.
  intros a b less; unfold standardised; rewrite deviation_pair, Rabs_right by lra; unfold mean; simpl; field; lra.
Qed.

Lemma standardised_pair_low : forall a b, a < b -> standardised [a; b] a = -1.
Proof.
  intros a b less; unfold standardised; rewrite deviation_pair, Rabs_left by lra; unfold mean; simpl; field; lra.
Qed.

(** Correct answers are paid more, wrong answers less, for a higher confidence. *)
Lemma strictly_proper_monotone : forall r, strictly_proper r ->
  forall a b, probability a -> probability b -> a < b -> r a true < r b true /\ r b false < r a false.
Proof.
  intros r strict a b a01 b01 less.
  pose proof (strict a b a01 b01 ltac:(lra)) as at_a; pose proof (strict b a b01 a01 ltac:(lra)) as at_b.
  unfold honest_value, expected_reward, probability in *.
  assert (r b false - r a false < r b true - r a true) as steeper by nra.
  split; apply Rnot_le_lt; intro wrong; nra.
Qed.

Theorem shared_pair_is_linear : forall r, strictly_proper r ->
  forall p low high, probability low -> probability high -> low < high ->
  shared_advantage r p [high; low] high = 2 * p - 1.
Proof.
  intros r strict p low high low01 high01 less; unfold shared_advantage; simpl.
  destruct (strictly_proper_monotone r strict low high low01 high01 less) as [paid_more paid_less].
  rewrite standardised_pair_high, standardised_pair_low by assumption; ring.
Qed.

(** So the more confident of two reports is reinforced exactly when p > 1/2, however honest the rule was. *)
Corollary shared_pair_follows_confidence : forall r, strictly_proper r ->
  forall p low high, probability low -> probability high -> low < high ->
  (0 < shared_advantage r p [high; low] high <-> / 2 < p).
Proof. intros r strict p low high low01 high01 less; rewrite shared_pair_is_linear by assumption; split; lra. Qed.

Corollary shared_pair_rlcr : forall lam, 0 < lam ->
  forall p low high, probability low -> probability high -> low < high ->
  shared_advantage (rlcr lam) p [high; low] high = 2 * p - 1.
Proof. intros lam positive; apply shared_pair_is_linear, rlcr_strictly_proper; assumption. Qed.

(** ** Groups of any size: affine payoffs become the linear rule, whatever their slopes *)

Lemma sum_affine : forall a k xs,
  fold_right Rplus 0 (map (fun x => a + k * x) xs) = a * INR (length xs) + k * fold_right Rplus 0 xs.
Proof.
  intros a k xs; induction xs as [| x rest induction]; [simpl; ring |].
  cbn [map fold_right length]; rewrite S_INR, induction; ring.
Qed.

Lemma mean_affine : forall a k xs, xs <> [] -> mean (map (fun x => a + k * x) xs) = a + k * mean xs.
Proof.
  intros a k xs some; unfold mean; rewrite sum_affine, map_length; field.
  apply not_0_INR; destruct xs; simpl; congruence.
Qed.

Lemma deviation_affine : forall a k xs, xs <> [] -> deviation (map (fun x => a + k * x) xs) = Rabs k * deviation xs.
Proof.
  intros a k xs some; unfold deviation; rewrite mean_affine, map_map by assumption.
  rewrite (map_ext _ (fun x => 0 + k ^ 2 * (x - mean xs) ^ 2)) by (intros; ring).
  rewrite <- (map_map (fun x => (x - mean xs) ^ 2) (fun y => 0 + k ^ 2 * y)).
  rewrite mean_affine by (destruct xs; simpl; congruence).
  rewrite Rplus_0_l, sqrt_mult_alt by apply pow2_ge_0; rewrite <- Rsqr_pow2, sqrt_Rsqr_abs; reflexivity.
Qed.

Theorem shared_group_affine_is_linear : forall r a k b m, 0 < k -> 0 < m ->
  (forall q, r q true = a + k * q) -> (forall q, r q false = b - m * q) ->
  forall p reports q, reports <> [] -> 0 < deviation reports ->
  shared_advantage r p reports q = (2 * p - 1) * standardised reports q.
Proof.
  intros r a k b m k_positive m_positive correct wrong p reports q some spread; unfold shared_advantage, standardised.
  rewrite (map_ext _ _ correct), (map_ext (fun x => r x false) (fun x => b + - m * x)) by (intros; rewrite wrong; ring).
  rewrite !mean_affine, !deviation_affine, correct, wrong, (Rabs_right k), (Rabs_left (- m)) by (assumption || lra).
  field; lra.
Qed.
