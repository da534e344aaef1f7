(** False: accuracy is rewarded only if R(0, 0) < V(p) everywhere, p = 0 included. The constant reward refutes it. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall r, proper r -> (accuracy_rewarded r <-> forall p, probability p -> r 0 false < honest_value r p)).
Proof.
  intros claim.
  assert (proper (constant 0)) as honest by (intros p q _ _; unfold honest_value, expected_reward, constant; lra).
  assert (accuracy_rewarded (constant 0)) as rises.
  { intros a b _ _ _; unfold honest_value, expected_reward, constant; lra. }
  pose proof (proj1 (claim _ honest) rises 0 probability_0); rewrite honest_value_0 in *; unfold constant in *; lra.
Qed.

(** The proof of JointOptimality.accuracy_rewarded_iff_least_at_zero, word for word. *)
Section Variant.
Context {r : reward}.
Notation U := (expected_reward r).
Notation V := (honest_value r).
Notation D := (spread r).

Theorem accuracy_rewarded_iff_least_at_zero : 
  proper r -> (accuracy_rewarded r <-> forall p, probability p -> r 0 false < honest_value r p).
Proof.
  intros honest; split.
  - intros rising p p01; rewrite <- honest_value_0; apply rising; auto; unfold probability in p01; lra.
  - intros least a b a01 b01 ordered.
    pose proof (tangent_below honest a b a01 b01); pose proof (tangent_below honest a 0 a01 probability_0).
    pose proof (least a a01); pose proof (least b b01); rewrite honest_value_0 in *.
    destruct (Req_dec a 0) as [-> | positive]; [rewrite honest_value_0; lra |].
    unfold probability in a01; assert (0 <= D a) by nra; nra.
Qed.

End Variant.
