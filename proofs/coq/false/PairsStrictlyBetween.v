(** False: the best report lies strictly between p and 1/2 for pairs too. There it is 1/2. *)

From Coq Require Import Reals Lra Psatz List Arith Bool.
From ScoringTheory Require Import Definitions JointOptimality Brier Normalised Pieces SmallSpread OutcomeFilter.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall G p, (2 <= G)%nat -> 0 < p < 1 -> p <> / 2 ->
  (p < / 2 -> p < right_given_mixed G p < / 2) /\ (/ 2 < p -> / 2 < right_given_mixed G p < p)).
Proof.
  intros claim; destruct (claim 2%nat (/ 4) ltac:(lia) ltac:(lra) ltac:(lra)) as [bad _].
  rewrite right_given_mixed_pairs in bad by lra; specialize (bad ltac:(lra)); lra.
Qed.

(** The proof of OutcomeFilter.right_given_mixed_between, word for word. *)
Theorem right_given_mixed_between :
  forall G p, (2 <= G)%nat -> 0 < p < 1 -> p <> / 2 ->
  (p < / 2 -> p < right_given_mixed G p < / 2) /\ (/ 2 < p -> / 2 < right_given_mixed G p < p).
Proof.
  intros [| [| [| n]]] p enough inside uneven; try lia; split; intros side; [apply right_given_mixed_above; lra |].
  pose proof (right_given_mixed_above n (1 - p) ltac:(lra)) as mirrored.
  rewrite right_given_mixed_mirrored in mirrored by (assumption || lia); lra.
Qed.
