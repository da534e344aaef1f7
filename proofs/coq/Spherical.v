(** * Spherical

    S(q, 1) = q / n(q), S(q, 0) = (1 - q) / n(q), with n(q) the Euclidean length of (q, 1 - q). Properness is
    Cauchy-Schwarz; the critical weight is 1. *)

From Coq Require Import Reals Lra Psatz.
From ScoringTheory Require Import Definitions JointOptimality Margin.
Open Scope R_scope.

Definition length (q : R) : R := sqrt (q ^ 2 + (1 - q) ^ 2).

Definition spherical : reward := fun q correct => (if correct then q else 1 - q) / length q.

Lemma length_squared : forall q, length q * length q = q ^ 2 + (1 - q) ^ 2.
Proof. intros; apply sqrt_sqrt; nra. Qed.

Lemma length_above_half : forall q, / 2 < length q.
Proof.
  intros q; pose proof (length_squared q) as squared; assert (0 <= length q) by apply sqrt_pos.
  pose proof (pow2_ge_0 (q - / 2)); apply Rnot_le_lt; intro small; nra.
Qed.

Lemma length_0 : length 0 = 1.
Proof. unfold length; replace (0 ^ 2 + (1 - 0) ^ 2) with 1 by ring; apply sqrt_1. Qed.

Lemma spherical_expected : forall p q, expected_reward spherical p q = (p * q + (1 - p) * (1 - q)) / length q.
Proof.
  intros; pose proof (length_above_half q); unfold expected_reward, spherical; field; lra.
Qed.

(** The value is the length itself. *)
Lemma spherical_honest_value : forall p, honest_value spherical p = length p.
Proof.
  intros p; pose proof (length_above_half p); pose proof (length_squared p) as squared.
  unfold honest_value; rewrite spherical_expected.
  replace (p * p + (1 - p) * (1 - p)) with (length p * length p) by (rewrite squared; ring); field; lra.
Qed.

(** Two rays inside the quadrant: their inner product is less than the product of their lengths, by (p - q)^2 in
    squares. *)
Theorem spherical_strictly_proper : strictly_proper spherical.
Proof.
  intros p q p01 q01 distinct; rewrite spherical_honest_value, spherical_expected.
  pose proof (length_above_half p); pose proof (length_above_half q).
  pose proof (length_squared p) as p_squared; pose proof (length_squared q) as q_squared.
  pose proof (square_positive (p - q) ltac:(lra)) as gap.
  apply Rmult_lt_reg_r with (length q); [lra |].
  replace ((p * q + (1 - p) * (1 - q)) / length q * length q) with (p * q + (1 - p) * (1 - q)) by (field; lra).
  assert (0 < length p * length q) by (apply Rmult_lt_0_compat; lra).
  assert ((length p * length q) ^ 2 = (p * q + (1 - p) * (1 - q)) ^ 2 + (p - q) ^ 2).
  { replace ((length p * length q) ^ 2) with ((length p * length p) * (length q * length q)) by ring.
    rewrite p_squared, q_squared; ring. }
  nra.
Qed.

Lemma spherical_limit_at_zero : right_limit_at_zero (fun q => spherical q true) 0.
Proof.
  intros eps positive; exists (eps / 2); split; [lra |]; intros x between.
  pose proof (length_above_half x); unfold spherical.
  rewrite Rminus_0_r, Rabs_right by (apply Rle_ge, Rlt_le, Rdiv_lt_0_compat; lra).
  apply Rmult_lt_reg_r with (length x); [lra |].
  replace (x / length x * length x) with x by (field; lra); nra.
Qed.

Theorem spherical_jointly_optimal_iff : forall lam, 0 < lam ->
  (jointly_optimal (with_correctness lam spherical) <-> lam <= 1).
Proof.
  intros lam positive.
  rewrite (critical_weight lam spherical 0 positive (strictly_proper_is_proper _ spherical_strictly_proper)
    spherical_limit_at_zero).
  unfold spherical; rewrite length_0; split; lra.
Qed.

Theorem spherical_strictly_jointly_optimal : forall lam, 0 < lam <= 1 ->
  strictly_jointly_optimal (with_correctness lam spherical).
Proof.
  intros lam range; apply strict_joint_optimality.
  - apply with_correctness_strictly_proper; [lra | exact spherical_strictly_proper].
  - unfold with_correctness, indicator, spherical; rewrite length_0; lra.
Qed.
