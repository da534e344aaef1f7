(** False: the critical weight of the spherical rule is 2. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Spherical.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall lam, 0 < lam -> (jointly_optimal (with_correctness lam spherical) <-> lam <= 2)).
Proof.
  intros claim; pose proof (proj2 (claim 2 ltac:(lra)) ltac:(lra)) as joint.
  apply Spherical.spherical_jointly_optimal_iff in joint; lra.
Qed.

(** The proof of Spherical.spherical_jointly_optimal_iff, word for word. *)
Theorem spherical_jointly_optimal_iff : 
  forall lam, 0 < lam -> (jointly_optimal (with_correctness lam spherical) <-> lam <= 2).
Proof.
  intros lam positive.
  rewrite (critical_weight lam spherical 0 positive (strictly_proper_is_proper _ spherical_strictly_proper)
    spherical_limit_at_zero).
  unfold spherical; rewrite length_0; split; lra.
Qed.
