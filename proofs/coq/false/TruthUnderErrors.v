(** False: a verifier that errs still draws the true probability. It draws the probability of being accepted. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier Extended Logarithm VerifierErrors.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall a b r p q, error_rates a b -> strictly_proper r -> probability p -> probability q ->
  q <> p -> expected_reward (under_errors a b r) p q < expected_reward (under_errors a b r) p p).
Proof.
  intros claim; assert (error_rates (/ 2) 0) as rates by (split; unfold probability; lra).
  pose proof (claim (/ 2) 0 brier 0 (/ 2) rates brier_strictly_proper probability_0 ltac:(unfold probability; lra)
    ltac:(lra)) as bad.
  rewrite !expected_under_errors in bad; unfold accepted, expected_reward, brier, indicator in bad; lra.
Qed.

(** The proof of VerifierErrors.errors_best_report, word for word. *)
Theorem errors_best_report :
  forall a b r p q, error_rates a b -> strictly_proper r -> probability p -> probability q ->
  q <> p -> expected_reward (under_errors a b r) p q < expected_reward (under_errors a b r) p p.
Proof.
  intros a b r p q rates strict p01 q01 distinct; rewrite !expected_under_errors.
  apply strict; auto using accepted_probability.
Qed.
