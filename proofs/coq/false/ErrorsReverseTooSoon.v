(** False: the order of answers is reversed while errors are few. Without any errors RLCR pays the better answer more. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier Extended Logarithm VerifierErrors.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall a b, error_rates a b -> a + b < 1 -> forall r,
  (forall x y, 1 - b <= x -> x < y -> y <= a -> honest_value r x < honest_value r y) ->
  forall p p', probability p -> probability p' -> p < p' ->
  honest_value r (accepted a b p') < honest_value r (accepted a b p)).
Proof.
  intros claim; assert (error_rates 0 0) as rates by (split; auto).
  pose proof (claim 0 0 rates ltac:(lra) (rlcr 1) ltac:(intros; lra) 0 1 probability_0 probability_1 ltac:(lra)) as bad.
  rewrite !rlcr_honest_value in bad; unfold accepted in bad; lra.
Qed.

(** The proof of VerifierErrors.errors_reverse_the_order, word for word. *)
Section Variant.
Context {a b : R} (rates : error_rates a b) (few : a + b < 1).

Theorem errors_reverse_the_order :
  forall r,
  (forall x y, 1 - b <= x -> x < y -> y <= a -> honest_value r x < honest_value r y) ->
  forall p p', probability p -> probability p' -> p < p' ->
  honest_value r (accepted a b p') < honest_value r (accepted a b p).
Proof. intros r rising p p' p01 p01' less; apply rising; unfold accepted, probability in *; nra. Qed.

End Variant.
