(** * The cone of safe rewards

    A reward is safe when it is proper and jointly optimal. Safe rewards can be added, scaled by a nonnegative number,
    shifted by a constant, and followed to a pointwise limit. *)

From Coq Require Import Reals Lra Psatz.
From ScoringTheory Require Import Definitions JointOptimality.
Open Scope R_scope.

Lemma expected_sum : forall r s p q,
  expected_reward (sum r s) p q = expected_reward r p q + expected_reward s p q.
Proof. intros; unfold expected_reward, sum; ring. Qed.

Lemma expected_scaled : forall k r p q, expected_reward (scaled k r) p q = k * expected_reward r p q.
Proof. intros; unfold expected_reward, scaled; ring. Qed.

Lemma expected_constant : forall k p q, expected_reward (constant k) p q = k.
Proof. intros; unfold expected_reward, constant; ring. Qed.

Lemma safe_iff : forall r, safe r <-> proper r /\ accuracy_rewarded r.
Proof.
  intros r; unfold safe; split; intros [honest other]; (split; [assumption |]);
    apply (jointly_optimal_iff_accuracy_rewarded honest); assumption.
Qed.

Theorem safe_constant : forall k, safe (constant k).
Proof.
  intros k; apply safe_iff; split.
  - intros p q _ _; unfold honest_value; rewrite !expected_constant; lra.
  - intros a b _ _ _; unfold honest_value; rewrite !expected_constant; lra.
Qed.

Theorem safe_sum : forall r s, safe r -> safe s -> safe (sum r s).
Proof.
  intros r s r_safe s_safe.
  apply safe_iff in r_safe as [r_honest r_rises]; apply safe_iff in s_safe as [s_honest s_rises].
  apply safe_iff; split.
  - intros p q p01 q01; unfold honest_value; rewrite !expected_sum.
    apply Rplus_le_compat; [apply r_honest | apply s_honest]; assumption.
  - intros a b a01 b01 ordered; unfold honest_value; rewrite !expected_sum.
    apply Rplus_le_compat; [apply r_rises | apply s_rises]; assumption.
Qed.

Theorem safe_scaled : forall k r, 0 <= k -> safe r -> safe (scaled k r).
Proof.
  intros k r nonnegative r_safe; apply safe_iff in r_safe as [honest rises]; apply safe_iff; split.
  - intros p q p01 q01; unfold honest_value; rewrite !expected_scaled.
    apply Rmult_le_compat_l; [| apply honest]; assumption.
  - intros a b a01 b01 ordered; unfold honest_value; rewrite !expected_scaled.
    apply Rmult_le_compat_l; [| apply rises]; assumption.
Qed.

(** ** Limits *)

Definition tends_to (rewards : nat -> reward) (r : reward) : Prop :=
  forall q correct, probability q -> Un_cv (fun n => rewards n q correct) (r q correct).

Lemma expected_tends : forall rewards r, tends_to rewards r -> forall p q, probability q ->
  Un_cv (fun n => expected_reward (rewards n) p q) (expected_reward r p q).
Proof.
  intros rewards r tends p q q01; unfold expected_reward.
  assert (forall k, Un_cv (fun _ => k) k) as still.
  { intros k eps positive; exists 0%nat; intros; rewrite R_dist_eq; lra. }
  apply (CV_plus (fun n => p * rewards n q true) (fun n => (1 - p) * rewards n q false));
    apply (CV_mult (fun _ => _)); auto.
Qed.

Theorem safe_limit : forall rewards r, (forall n, safe (rewards n)) -> tends_to rewards r -> safe r.
Proof.
  intros rewards r all tends; apply safe_iff; split.
  - intros p q p01 q01.
    apply (@Rle_cv_lim (fun n => expected_reward (rewards n) p q) (fun n => expected_reward (rewards n) p p));
      try apply expected_tends; try assumption.
    intros n; destruct (all n) as [honest _]; apply honest; assumption.
  - intros a b a01 b01 ordered.
    apply (@Rle_cv_lim (fun n => expected_reward (rewards n) a a) (fun n => expected_reward (rewards n) b b));
      try apply expected_tends; try assumption.
    intros n; destruct (proj1 (safe_iff _) (all n)) as [_ rises]; apply rises; assumption.
Qed.
