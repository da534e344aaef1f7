(** False: the counterexample recipe with p = 0 allowed. At p = 0 there is one answer only, and it does not beat
    itself. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall r, proper r -> forall p, 0 <= p <= 1 -> r p true < r 0 false -> honest_value r p < honest_value r 0).
Proof.
  intros claim; apply (Rlt_irrefl (honest_value (rlcr 2) 0)); apply claim; [| lra |].
  - apply strictly_proper_is_proper, rlcr_strictly_proper; lra.
  - unfold rlcr, with_correctness, brier, indicator; lra.
Qed.

(** The proof of JointOptimality.converse_witness, word for word. *)
Section Variant.
Context {r : reward}.
Notation U := (expected_reward r).
Notation V := (honest_value r).
Notation D := (spread r).

Theorem converse_witness : 
  proper r -> forall p, 0 <= p <= 1 -> r p true < r 0 false -> honest_value r p < honest_value r 0.
Proof.
  intros honest p p01 short.
  assert (probability p) as p01' by (unfold probability; lra).
  pose proof (honest 0 p probability_0 p01') as floor; rewrite honest_value_0 in *.
  unfold honest_value, expected_reward in *; nra.
Qed.

End Variant.
