(** * Brier

    RLCR pays c - lam (q - c)^2. It makes a model right and honest for every weight up to 1, and fails for every
    larger one. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin.
Open Scope R_scope.

Definition brier : reward := fun q correct => - (q - indicator correct) ^ 2.
Definition rlcr (lam : R) : reward := with_correctness lam brier.

(** What a false report costs is the squared distance to the truth. *)
Lemma brier_regret : forall p q, honest_value brier p - expected_reward brier p q = (p - q) ^ 2.
Proof. intros; unfold honest_value, expected_reward, brier, indicator; ring. Qed.

Theorem brier_strictly_proper : strictly_proper brier.
Proof.
  intros p q p01 q01 distinct.
  pose proof (brier_regret p q); pose proof (square_positive (p - q) ltac:(lra)); lra.
Qed.

Lemma rlcr_strictly_proper : forall lam, 0 < lam -> strictly_proper (rlcr lam).
Proof. intros lam positive; apply with_correctness_strictly_proper; [assumption | exact brier_strictly_proper]. Qed.

(** At weight 1 the honest value is p^2: the margin is used up, and a hopeless question pays nothing for effort. *)
Lemma rlcr_honest_value : forall lam p, honest_value (rlcr lam) p = p - lam * (p * (1 - p)).
Proof. intros; unfold honest_value, expected_reward, rlcr, with_correctness, brier, indicator; ring. Qed.

Theorem rlcr_jointly_optimal : forall lam, 0 < lam <= 1 -> strictly_jointly_optimal (rlcr lam).
Proof.
  intros lam range; apply strict_joint_optimality; [apply rlcr_strictly_proper; lra |].
  unfold rlcr, with_correctness, brier, indicator; nra.
Qed.

(** The counterexample: among the answers {0, (1 - 1/lam) / 2} the surely wrong one, with confidence 0, earns more. *)
Definition rlcr_witness (lam : R) : R := (1 - / lam) / 2.

Theorem rlcr_fails_at_witness : forall lam, 1 < lam ->
  0 < rlcr_witness lam < 1 /\ honest_value (rlcr lam) (rlcr_witness lam) < honest_value (rlcr lam) 0.
Proof.
  intros lam large; unfold rlcr_witness; rewrite !rlcr_honest_value.
  assert (0 < / lam) by (apply Rinv_0_lt_compat; lra).
  assert (lam * / lam = 1) as inverse by (apply Rinv_r; lra).
  assert (/ lam < 1) by nra.
  split; [lra |]; nra.
Qed.

Theorem rlcr_not_jointly_optimal : forall lam, 1 < lam -> ~ jointly_optimal (rlcr lam).
Proof.
  intros lam large joint.
  destruct (rlcr_fails_at_witness lam large) as [inside better].
  assert (proper (rlcr lam)) as honest by (apply strictly_proper_is_proper, rlcr_strictly_proper; lra).
  apply (Rlt_not_le _ _ better), jointly_optimal_iff_accuracy_rewarded; auto; unfold probability; lra.
Qed.

Corollary rlcr_jointly_optimal_iff : forall lam, 0 < lam -> (jointly_optimal (rlcr lam) <-> lam <= 1).
Proof.
  intros lam positive; split.
  - intros joint; apply Rnot_lt_le; intro large; exact (rlcr_not_jointly_optimal lam large joint).
  - intros range; apply joint_optimality; [apply strictly_proper_is_proper, rlcr_strictly_proper; lra |].
    unfold rlcr, with_correctness, brier, indicator; nra.
Qed.
