(** * Tying the answer to the stated distribution

    Three ties. (1) The answer is a mode of the stated distribution, and the whole distribution is scored: right and
    honest at every weight, and the report alone decides. (2) Only the confidence of the named answer is scored, and
    any answer may be named with any confidence: for every number of classes at once this is the binary case, with its
    critical weight; with K classes and no more, Brier holds up to (K - 1) / (K - 2). (3) Only the confidence of the
    named answer is scored, and the answer is a mode of the stated distribution, so its confidence is at least 1/K:
    R(1/K, 1) >= R(1/K, 0) suffices, which for Brier is K / (K - 2), and exact. *)

From Coq Require Import Reals Lra Psatz List Arith.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier KClass ClassRules.
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
  - repeat constructor; apply (distribution_probability K); assumption.
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

(** For every number of classes at once, scoring the top label is the binary case exactly. *)
Theorem top_label_iff_jointly_optimal : forall r, proper r ->
  ((forall K, top_label_optimal K r) <-> jointly_optimal r).
Proof.
  intros r honest; split; [| apply top_label_of_jointly_optimal]; intros every.
  apply jointly_optimal_iff_least_at_zero; [assumption |]; intros p p01; unfold probability in p01.
  destruct (Req_dec p 0) as [-> | positive]; [rewrite honest_value_0; lra |].
  destruct (archimed_cor1 p ltac:(lra)) as [m [small m_positive]].
  assert (0 < INR m) by (apply lt_0_INR; assumption).
  assert (0 <= (1 - p) / INR m <= p) as ordered.
  { split; [apply Rle_mult_inv_pos; lra |].
    apply Rle_trans with (/ INR m); [| lra]; unfold Rdiv; rewrite <- (Rmult_1_l (/ INR m)) at 2.
    apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat |]; lra. }
  destruct (spread_out_distribution p ((1 - p) / INR m) m ordered ltac:(field; lra)) as [sums top].
  specialize (every _ _ _ sums top 0%nat 0 ltac:(lia) probability_0); simpl in every.
  change (expected_reward r 0 0) with (honest_value r 0) in every; rewrite honest_value_0 in every; exact every.
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
  intros K q answer y [_ one] [_ top] inside; rewrite <- one.
  revert y inside; induction K as [| K induction]; intros y inside; [lia |]; rewrite S_INR; simpl.
  pose proof (top K ltac:(lia)).
  destruct (Nat.eq_dec y K) as [-> | other].
  - pose proof (total_at_most K q (q answer) ltac:(auto)); lra.
  - assert (total K q <= q y + (INR K - 1) * q answer) as shorter; [| lra].
    clear one; revert y inside other; induction K as [| K deeper]; intros y inside other; [lia |].
    rewrite S_INR; simpl; pose proof (top K ltac:(lia)); destruct (Nat.eq_dec y K) as [-> | another].
    + pose proof (total_at_most K q (q answer) ltac:(auto)); lra.
    + assert (total K q <= q y + (INR K - 1) * q answer); [| lra].
      clear induction; apply deeper; auto; lia.
Qed.
