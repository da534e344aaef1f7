(** False: the critical weight rises with the share of right answers that are rejected. It rises with that of wrong answers
    that are accepted. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier Extended Logarithm VerifierErrors.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall a b lam, error_rates a b -> a + b < 1 -> 0 < lam ->
  (jointly_optimal_under_errors a b (rlcr lam) <-> lam * (1 - 2 * b) <= 1)).
Proof.
  intros claim; assert (error_rates 0 (/ 2)) as rates by (split; unfold probability; lra).
  pose proof (proj2 (claim 0 (/ 2) 3 rates ltac:(lra) ltac:(lra)) ltac:(lra)) as joint.
  apply (errors_rlcr_iff 0 (/ 2) 3 rates ltac:(lra) ltac:(lra)) in joint; lra.
Qed.

(** The proof of VerifierErrors.errors_rlcr_iff, word for word. *)
Theorem errors_rlcr_iff :
  forall a b lam, error_rates a b -> a + b < 1 -> 0 < lam ->
  (jointly_optimal_under_errors a b (rlcr lam) <-> lam * (1 - 2 * b) <= 1).
Proof.
  intros a b lam rates few positive.
  rewrite (errors_jointly_optimal_iff_limit rates few (rlcr lam) (1 - lam * (1 - 2 * a))); [split; lra | |].
  - apply strictly_proper_is_proper, rlcr_strictly_proper; assumption.
  - intros eps eps_positive; exists (eps / (2 * lam)); split; [apply Rdiv_lt_0_compat; lra |]; intros x between.
    replace (spread (rlcr lam) x - (1 - lam * (1 - 2 * a))) with (2 * lam * (x - a))
      by (unfold spread, rlcr, with_correctness, brier, indicator; ring).
    rewrite Rabs_right by nra; replace eps with (2 * lam * (eps / (2 * lam))) by (field; lra).
    apply Rmult_lt_compat_l; lra.
Qed.
