(** False: the spherical rule is strict even against the honest report. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Spherical.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall p q, probability p -> probability q -> p <= q -> expected_reward spherical p q < honest_value spherical p).
Proof.
  intros claim; apply (Rlt_irrefl (honest_value spherical 0)), claim; auto; lra.
Qed.

(** The proof of Spherical.spherical_strictly_proper, word for word. *)
Theorem spherical_strictly_proper : 
  forall p q, probability p -> probability q -> p <= q -> expected_reward spherical p q < honest_value spherical p.
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
