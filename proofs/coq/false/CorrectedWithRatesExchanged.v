(** False: the corrected reward also undoes a verifier whose two rates are exchanged. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier Extended Logarithm VerifierErrors.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall a b r q correct, a + b <> 1 ->
  under_errors b a (corrected a b r) q correct = r q correct).
Proof.
  intros claim; pose proof (claim (/ 4) 0 brier 1 true ltac:(lra)) as bad.
  unfold under_errors, corrected, brier, indicator in bad; lra.
Qed.

(** The proof of VerifierErrors.corrected_expectation, word for word. *)
Theorem corrected_expectation :
  forall a b r q correct, a + b <> 1 ->
  under_errors b a (corrected a b r) q correct = r q correct.
Proof. intros a b r q [|] informative; unfold under_errors, corrected; field; lra. Qed.
