(** False: triples that disagree say nothing about p either. They say (1 + p) / 3. *)

From Coq Require Import Reals Lra Psatz List Arith Bool.
From ScoringTheory Require Import Definitions JointOptimality Brier Normalised Pieces SmallSpread OutcomeFilter.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall p, 0 < p < 1 -> right_given_mixed 3 p = / 2).
Proof.
  intros claim; pose proof (claim (/ 4) ltac:(lra)) as bad; rewrite right_given_mixed_triples in bad by lra; lra.
Qed.

(** The proof of OutcomeFilter.right_given_mixed_pairs, word for word. *)
Theorem right_given_mixed_pairs :
  forall p, 0 < p < 1 -> right_given_mixed 3 p = / 2.
Proof. intros p inside; unfold right_given_mixed; field; nra. Qed.
