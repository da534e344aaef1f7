(** * Several classes

    The agent gives an answer out of [K] classes and, separately, a whole distribution over them, and is paid for
    both: [the answer is right] + lam S(report, outcome). When the report is not tied to the answer, each part is
    maximised on its own, so the best policy is right and honest at every weight: the whole problem lies in tying
    the report to the answer. *)

From Coq Require Import Reals Lra Psatz List Arith.
From ScoringTheory Require Import Definitions.
Import ListNotations.
Open Scope R_scope.

(** A distribution over the classes 0, 1, ..., or any other report about them. *)
Definition report : Type := nat -> R.
Definition class_rule : Type := report -> nat -> R.

Fixpoint total (K : nat) (f : nat -> R) : R := match K with O => 0 | S k => total k f + f k end.

Definition expectation (K : nat) (p : report) (payoff : nat -> R) : R := total K (fun y => p y * payoff y).

Definition distribution_on (K : nat) (p : report) : Prop := (forall y, (y < K)%nat -> 0 <= p y) /\ total K p = 1.

Definition class_proper (K : nat) (s : class_rule) : Prop :=
  forall p q, distribution_on K p -> distribution_on K q -> expectation K p (s q) <= expectation K p (s p).

Definition right_answer (answer outcome : nat) : R := if Nat.eqb answer outcome then 1 else 0.

Definition class_reward (lam : R) (s : class_rule) (answer : nat) (q : report) (outcome : nat) : R :=
  right_answer answer outcome + lam * s q outcome.

Lemma total_plus : forall K f g, total K (fun y => f y + g y) = total K f + total K g.
Proof. induction K; intros; simpl; [ring | rewrite IHK; ring]. Qed.

Lemma total_scaled : forall K k f, total K (fun y => k * f y) = k * total K f.
Proof. induction K; intros; simpl; [ring | rewrite IHK; ring]. Qed.

Lemma total_ext : forall K f g, (forall y, (y < K)%nat -> f y = g y) -> total K f = total K g.
Proof. induction K; intros f g same; simpl; [reflexivity | rewrite (IHK f g), same; auto]. Qed.

Lemma total_nonnegative : forall K f, (forall y, (y < K)%nat -> 0 <= f y) -> 0 <= total K f.
Proof.
  induction K as [| K induction]; intros f nonnegative; simpl; [lra |].
  apply Rplus_le_le_0_compat; [apply induction; auto | apply nonnegative; auto].
Qed.

Lemma right_answer_expected : forall K p answer, (answer < K)%nat -> expectation K p (right_answer answer) = p answer.
Proof.
  unfold expectation, right_answer; induction K as [| K induction]; intros p answer inside; [lia |]; simpl.
  destruct (Nat.eq_dec answer K) as [-> | other].
  - rewrite Nat.eqb_refl, (total_ext K _ (fun y => 0 * p y)), total_scaled; [ring |].
    intros y below; replace (Nat.eqb K y) with false by (symmetry; apply Nat.eqb_neq; lia); ring.
  - rewrite induction by lia; replace (Nat.eqb answer K) with false by (symmetry; apply Nat.eqb_neq; lia); ring.
Qed.

Lemma class_reward_expected : forall K lam s answer p q, (answer < K)%nat ->
  expectation K p (class_reward lam s answer q) = p answer + lam * expectation K p (s q).
Proof.
  intros K lam s answer p q inside; rewrite <- (right_answer_expected K p answer inside).
  unfold expectation, class_reward; rewrite <- total_scaled, <- total_plus; apply total_ext; intros; ring.
Qed.

(** Whatever the weight, the most probable class with the honest distribution earns the most. *)
Theorem untied_report_jointly_optimal : forall K lam s p best, 0 <= lam -> class_proper K s -> distribution_on K p ->
  (best < K)%nat -> (forall answer, (answer < K)%nat -> p answer <= p best) ->
  forall answer q, (answer < K)%nat -> distribution_on K q ->
  expectation K p (class_reward lam s answer q) <= expectation K p (class_reward lam s best p).
Proof.
  intros K lam s p best positive honest p_sums inside top answer q answer_inside q_sums.
  rewrite !class_reward_expected by assumption.
  apply Rplus_le_compat; [auto | apply Rmult_le_compat_l; [assumption | apply honest; assumption]].
Qed.

(** ** Brier for several classes *)

Definition class_brier (K : nat) : class_rule := fun q outcome => 2 * q outcome - total K (fun y => q y ^ 2).

(** What a false report costs is the squared distance, as for two classes. *)
Lemma class_brier_regret : forall K p q, distribution_on K p ->
  expectation K p (class_brier K p) - expectation K p (class_brier K q) = total K (fun y => (p y - q y) ^ 2).
Proof.
  intros K p q [_ one].
  assert (forall q, expectation K p (class_brier K q)
    = 2 * total K (fun y => p y * q y) - total K (fun y => q y ^ 2)) as value.
  { intros r; unfold expectation, class_brier; set (squares := total K (fun y => r y ^ 2)).
    rewrite (total_ext K _ (fun y => 2 * (p y * r y) + - squares * p y)) by (intros; ring).
    rewrite total_plus, !total_scaled, one; ring. }
  rewrite !value.
  rewrite (total_ext K (fun y => (p y - q y) ^ 2) (fun y => p y ^ 2 + (-2 * (p y * q y) + q y ^ 2))) by (intros; ring).
  rewrite !total_plus, total_scaled, (total_ext K (fun y => p y * p y) (fun y => p y ^ 2)) by (intros; ring); ring.
Qed.

Theorem class_brier_proper : forall K, class_proper K (class_brier K).
Proof.
  intros K p q p_sums q_sums; pose proof (class_brier_regret K p q p_sums).
  pose proof (total_nonnegative K (fun y => (p y - q y) ^ 2) ltac:(intros; apply pow2_ge_0)); lra.
Qed.

Corollary class_brier_jointly_optimal : forall K lam p best, 0 <= lam -> distribution_on K p ->
  (best < K)%nat -> (forall answer, (answer < K)%nat -> p answer <= p best) ->
  forall answer q, (answer < K)%nat -> distribution_on K q ->
  expectation K p (class_reward lam (class_brier K) answer q)
  <= expectation K p (class_reward lam (class_brier K) best p).
Proof.
  intros K lam p best positive p_sums inside top.
  apply untied_report_jointly_optimal; auto using class_brier_proper.
Qed.
