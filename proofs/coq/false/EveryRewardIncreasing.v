(** False: the distribution of a proper reward increases everywhere. The constant reward uses no confidence at all. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Distributions.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall r, proper r -> exists F area, increasing F /\ (forall q, probability q -> is_area F q (area q)) /\ F 0 =
  r 0 true - r 0 false /\ forall q correct, r q correct = r 0 false + from_distribution F area q correct).
Proof.
  intros claim.
  assert (proper (constant 0)) as honest by (intros p q _ _; unfold honest_value, expected_reward, constant; lra).
  destruct (claim _ honest) as [F [area [strictly [_ [_ equal]]]]].
  pose proof (strictly 0 1 probability_0 probability_1 ltac:(lra)).
  pose proof (equal 0 true); pose proof (equal 0 false); pose proof (equal 1 true); pose proof (equal 1 false).
  unfold from_distribution, constant, indicator in *; lra.
Qed.

(** The proof of Distributions.every_proper_reward_is_a_mixture, word for word. *)
Section Variant.
Context {r : reward}.
Notation U := (expected_reward r).
Notation V := (honest_value r).
Notation D := (spread r).

Theorem every_proper_reward_is_a_mixture : 
  proper r -> exists F area, increasing F /\ (forall q, probability q -> is_area F q (area q)) /\ F 0 = r 0 true -
  r 0 false /\ forall q correct, r q correct = r 0 false + from_distribution F area q correct.
Proof.
  intros honest; exists (spread r), (fun q => honest_value r q - honest_value r 0); repeat split.
  - exact (spread_is_nondecreasing honest).
  - apply (value_is_area honest); assumption.
  - apply (value_is_area honest); assumption.
  - intros q correct; rewrite honest_value_0.
    unfold from_distribution, spread, honest_value, expected_reward, indicator; destruct correct; ring.
Qed.

End Variant.
