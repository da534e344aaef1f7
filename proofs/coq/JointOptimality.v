(** * Joint optimality

    For a proper reward, being right and honest at once is the best policy exactly when one number is nonnegative: the
    margin m = R(0+, 1) - R(0, 0). No continuity and no derivative is used anywhere in this file. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions.
Import ListNotations.
Open Scope R_scope.

Section ProperReward.

Context {r : reward}.
Notation U := (expected_reward r).
Notation V := (honest_value r).
Notation D := (spread r).

(** ** The value is convex, and the spread is its slope *)

(** Savage: a report is a tangent line of the value. *)
Lemma tangent_below : proper r -> forall a b, probability a -> probability b -> V a + (b - a) * D a <= V b.
Proof.
  intros honest a b a01 b01.
  replace (V a + (b - a) * D a) with (U b a) by (unfold honest_value, expected_reward, spread; ring).
  apply honest; assumption.
Qed.

Lemma spread_nondecreasing : proper r -> forall a b, probability a -> probability b -> a <= b -> D a <= D b.
Proof.
  intros honest a b a01 b01 [less | <-]; [| apply Rle_refl].
  pose proof (tangent_below honest a b a01 b01); pose proof (tangent_below honest b a b01 a01).
  nra.
Qed.

(** A convex function that never falls below its value at 0 is nondecreasing. *)
Theorem accuracy_rewarded_iff_least_at_zero :
  proper r -> (accuracy_rewarded r <-> forall p, probability p -> r 0 false <= V p).
Proof.
  intros honest; split.
  - intros rising p p01; rewrite <- honest_value_0; apply rising; auto; unfold probability in p01; lra.
  - intros least a b a01 b01 ordered.
    pose proof (tangent_below honest a b a01 b01); pose proof (tangent_below honest a 0 a01 probability_0).
    pose proof (least a a01); pose proof (least b b01); rewrite honest_value_0 in *.
    destruct (Req_dec a 0) as [-> | positive]; [rewrite honest_value_0; lra |].
    unfold probability in a01; assert (0 <= D a) by nra; nra.
Qed.

Theorem jointly_optimal_iff_accuracy_rewarded : proper r -> (jointly_optimal r <-> accuracy_rewarded r).
Proof.
  intros honest; split.
  - intros joint a b a01 b01 ordered.
    apply (joint [a; b] b); simpl; auto.
    repeat split; simpl; auto; intuition (subst; lra).
  - intros rising answers best [all [among top]] p q member q01.
    rewrite Forall_forall in all.
    apply Rle_trans with (V p); [apply honest | apply rising]; auto.
Qed.

(** ** The exact condition: a surely wrong answer with confidence 0 earns the least *)

Theorem jointly_optimal_iff_least_at_zero :
  proper r -> (jointly_optimal r <-> forall p, probability p -> r 0 false <= V p).
Proof.
  intros honest.
  rewrite jointly_optimal_iff_accuracy_rewarded, accuracy_rewarded_iff_least_at_zero by assumption; reflexivity.
Qed.

(** ** The sufficient sign *)

Lemma spread_nonnegative : proper r -> r 0 false <= r 0 true -> forall p, probability p -> 0 <= D p.
Proof.
  intros honest sign p p01.
  apply Rle_trans with (D 0); [unfold spread; lra |].
  apply spread_nondecreasing; auto; unfold probability in p01; lra.
Qed.

Theorem joint_optimality : proper r -> r 0 false <= r 0 true -> jointly_optimal r.
Proof.
  intros honest sign; apply jointly_optimal_iff_accuracy_rewarded; [assumption |].
  intros a b a01 b01 ordered.
  pose proof (tangent_below honest a b a01 b01); pose proof (spread_nonnegative honest sign a a01); nra.
Qed.

Lemma accuracy_strictly_rewarded_of_sign :
  strictly_proper r -> r 0 false <= r 0 true -> accuracy_strictly_rewarded r.
Proof.
  intros strict sign a b a01 b01 less.
  pose proof (spread_nonnegative (strictly_proper_is_proper r strict) sign a a01) as slope.
  apply Rle_lt_trans with (U b a); [| apply strict; auto; lra].
  unfold honest_value, expected_reward, spread in *; nra.
Qed.

(** With a strictly proper rule the best answer with the honest report is the only maximum. *)
Theorem strict_joint_optimality : strictly_proper r -> r 0 false <= r 0 true -> strictly_jointly_optimal r.
Proof.
  intros strict sign answers best [all [among top]] p q member q01 different.
  rewrite Forall_forall in all.
  destruct (Req_dec p best) as [-> | worse]; [apply strict; intuition |].
  apply Rle_lt_trans with (V p); [apply strictly_proper_is_proper; auto |].
  apply accuracy_strictly_rewarded_of_sign; auto; specialize (top p member); lra.
Qed.

(** ** The converse, with a counterexample that anyone can put in by hand *)

(** One [p > 0] with R(p, 1) < R(0, 0) suffices: a surely wrong answer, disowned, earns more than an honest better
    one. *)
Theorem converse_witness : proper r -> forall p, 0 < p <= 1 -> r p true < r 0 false -> V p < V 0.
Proof.
  intros honest p p01 short.
  assert (probability p) as p01' by (unfold probability; lra).
  pose proof (honest 0 p probability_0 p01') as floor; rewrite honest_value_0 in *.
  unfold honest_value, expected_reward in *; nra.
Qed.

Corollary converse : proper r -> forall p, 0 < p <= 1 -> r p true < r 0 false -> ~ jointly_optimal r.
Proof.
  intros honest p p01 short joint.
  apply (Rlt_not_le _ _ (converse_witness honest p p01 short)).
  apply jointly_optimal_iff_accuracy_rewarded; auto; unfold probability; lra.
Qed.

End ProperReward.
