(** * Scores of minus infinity

    The log score pays minus infinity for a surely wrong certainty. Here a payoff is a real number or minus
    infinity, and 0 times minus infinity is 0: what cannot happen costs nothing. Joint optimality, its strict form
    and its converse hold unchanged. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions.
Import ListNotations.
Open Scope R_scope.

(** [None] is minus infinity. *)
Definition payoff : Type := option R.
Definition extended_reward : Type := R -> bool -> payoff.

Definition at_most (a b : payoff) : Prop :=
  match a, b with None, _ => True | Some _, None => False | Some x, Some y => x <= y end.

Definition below (a b : payoff) : Prop :=
  match a, b with _, None => False | None, Some _ => True | Some x, Some y => x < y end.

Definition expected (r : extended_reward) (p q : R) : payoff :=
  if Req_EM_T p 0 then r q false else if Req_EM_T p 1 then r q true
  else match r q true, r q false with Some x, Some y => Some (p * x + (1 - p) * y) | _, _ => None end.

Definition extended_proper (r : extended_reward) : Prop :=
  forall p q, probability p -> probability q -> at_most (expected r p q) (expected r p p).

Definition extended_strictly_proper (r : extended_reward) : Prop :=
  forall p q, probability p -> probability q -> p <> q -> below (expected r p q) (expected r p p).

Definition extended_jointly_optimal (r : extended_reward) : Prop :=
  forall answers best, best_of answers best ->
  forall p q, In p answers -> probability q -> at_most (expected r p q) (expected r best best).

Definition extended_strictly_jointly_optimal (r : extended_reward) : Prop :=
  forall answers best, best_of answers best ->
  forall p q, In p answers -> probability q -> p <> best \/ q <> best -> below (expected r p q) (expected r best best).

(** ** Order *)

Lemma at_most_refl : forall a, at_most a a.
Proof. intros [x |]; simpl; auto; lra. Qed.

Lemma at_most_trans : forall a b c, at_most a b -> at_most b c -> at_most a c.
Proof. intros [x |] [y |] [z |]; simpl; tauto || lra. Qed.

Lemma at_most_below_trans : forall a b c, at_most a b -> below b c -> below a c.
Proof. intros [x |] [y |] [z |]; simpl; tauto || lra. Qed.

Lemma below_at_most : forall a b, below a b -> at_most a b.
Proof. intros [x |] [y |]; simpl; tauto || lra. Qed.

Lemma below_not_at_most : forall a b, below a b -> ~ at_most b a.
Proof. intros [x |] [y |]; simpl; tauto || lra. Qed.

(** ** Expected payoff *)

Lemma expected_0 : forall r q, expected r 0 q = r q false.
Proof. intros; unfold expected; destruct (Req_EM_T 0 0); tauto. Qed.

Lemma expected_1 : forall r q, expected r 1 q = r q true.
Proof. intros; unfold expected; destruct (Req_EM_T 1 0), (Req_EM_T 1 1); tauto || lra. Qed.

Lemma expected_inside : forall r p q, 0 < p < 1 ->
  expected r p q = match r q true, r q false with Some x, Some y => Some (p * x + (1 - p) * y) | _, _ => None end.
Proof. intros; unfold expected; destruct (Req_EM_T p 0), (Req_EM_T p 1); reflexivity || lra. Qed.

Lemma expected_finite : forall r p q x y, r q true = Some x -> r q false = Some y ->
  expected r p q = Some (p * x + (1 - p) * y).
Proof.
  intros r p q x y correct wrong; unfold expected; rewrite correct, wrong.
  destruct (Req_EM_T p 0) as [-> |]; [f_equal; ring |].
  destruct (Req_EM_T p 1) as [-> |]; [f_equal; ring | reflexivity].
Qed.

(** Finite rewards are the special case: nothing is lost by reading this file alone. *)
Definition finite (r : reward) : extended_reward := fun q correct => Some (r q correct).

Theorem finite_proper_iff : forall r, extended_proper (finite r) <-> proper r.
Proof.
  intros r; split; intros honest p q p01 q01; specialize (honest p q p01 q01).
  - rewrite !(expected_finite (finite r) p _ _ _ eq_refl eq_refl) in honest; exact honest.
  - rewrite !(expected_finite (finite r) p _ _ _ eq_refl eq_refl); exact honest.
Qed.

(** ** The theorem *)

Section ProperReward.

Context {r : extended_reward}.
Notation U := (expected r).

(** A surely wrong answer with confidence 0 earns the least. *)
Definition least_at_zero : Prop := forall p, probability p -> at_most (r 0 false) (U p p).

Lemma least_of_sign : extended_proper r -> at_most (r 0 false) (r 0 true) -> least_at_zero.
Proof.
  intros honest sign p p01; apply at_most_trans with (U p 0); [| apply honest; auto].
  destruct (r 0 false) as [y |] eqn:wrong; [| exact I].
  destruct (r 0 true) as [x |] eqn:correct; simpl in sign; [| tauto].
  rewrite (expected_finite r p 0 x y correct wrong); simpl; unfold probability in p01; nra.
Qed.

(** At the honest report of the worse answer, the better answer already earns at least as much. *)
Lemma better_answer_same_report : extended_proper r -> least_at_zero ->
  forall p b, 0 < p < 1 -> probability b -> p < b -> at_most (U p p) (U b p).
Proof.
  intros honest least p b inside b01 less; assert (probability p) as p01 by (unfold probability; lra).
  pose proof (honest 0 p probability_0 p01) as floor; rewrite !expected_0 in floor.
  pose proof (least p p01) as high; rewrite !(expected_inside r p _ inside) in *.
  destruct (r p true) as [x |] eqn:correct, (r p false) as [y |] eqn:wrong; simpl; auto.
  rewrite (expected_finite r b p x y correct wrong); simpl.
  destruct (r 0 false) as [z |]; simpl in *; [| tauto]; unfold probability in b01.
  assert (y <= x) by nra; nra.
Qed.

Theorem extended_jointly_optimal_iff_least_at_zero :
  extended_proper r -> (extended_jointly_optimal r <-> least_at_zero).
Proof.
  intros honest; split.
  - intros joint p p01; rewrite <- expected_0; apply (joint [0; p] p); simpl; auto.
    repeat split; simpl; auto; intuition (subst; unfold probability in *; lra).
  - intros least answers best [all [among top]] p q member q01; rewrite Forall_forall in all.
    apply at_most_trans with (U p p); [apply honest; auto |].
    destruct (Req_dec p best) as [-> | worse]; [apply at_most_refl |].
    pose proof (all p member) as p01; pose proof (all best among) as best01; pose proof (top p member) as ordered.
    assert (p = 0 \/ 0 < p < 1) as [-> | inside] by (unfold probability in *; lra).
    + rewrite expected_0; apply least; assumption.
    + apply at_most_trans with (U best p); [| apply honest; auto].
      apply better_answer_same_report; auto; lra.
Qed.

Theorem extended_joint_optimality :
  extended_proper r -> at_most (r 0 false) (r 0 true) -> extended_jointly_optimal r.
Proof.
  intros honest sign; apply extended_jointly_optimal_iff_least_at_zero; [| apply least_of_sign]; assumption.
Qed.

Lemma extended_strictly_proper_is_proper : extended_strictly_proper r -> extended_proper r.
Proof.
  intros strict p q p01 q01; destruct (Req_dec p q) as [-> | distinct]; [apply at_most_refl |].
  apply below_at_most, strict; assumption.
Qed.

Theorem extended_strict_joint_optimality :
  extended_strictly_proper r -> at_most (r 0 false) (r 0 true) -> extended_strictly_jointly_optimal r.
Proof.
  intros strict sign answers best [all [among top]] p q member q01 different; rewrite Forall_forall in all.
  pose proof (extended_strictly_proper_is_proper strict) as honest.
  destruct (Req_dec p best) as [-> | worse]; [apply strict; intuition |].
  pose proof (all p member) as p01; pose proof (all best among) as best01; pose proof (top p member) as ordered.
  apply at_most_below_trans with (U p p); [apply honest; auto |].
  apply at_most_below_trans with (U best p); [| apply strict; auto].
  assert (p = 0 \/ 0 < p < 1) as [-> | inside] by (unfold probability in *; lra).
  - rewrite expected_0; unfold expected; destruct (Req_EM_T best 0), (Req_EM_T best 1); [lra | lra | assumption |].
    destruct (r 0 false), (r 0 true); simpl in *; try tauto; unfold probability in *; nra.
  - apply better_answer_same_report; auto; [apply least_of_sign; auto | lra].
Qed.

(** ** The converse *)

Theorem extended_converse_witness : extended_proper r ->
  forall p, 0 < p < 1 -> below (r p true) (r 0 false) -> below (U p p) (U 0 0).
Proof.
  intros honest p inside short; rewrite expected_0, (expected_inside r p p inside).
  pose proof (honest 0 p probability_0 ltac:(unfold probability; lra)) as floor; rewrite !expected_0 in floor.
  destruct (r p true) as [x |], (r p false) as [y |], (r 0 false) as [z |]; simpl in *; try tauto; nra.
Qed.

Corollary extended_converse : extended_proper r ->
  forall p, 0 < p < 1 -> below (r p true) (r 0 false) -> ~ extended_jointly_optimal r.
Proof.
  intros honest p inside short joint.
  apply (below_not_at_most _ _ (extended_converse_witness honest p inside short)).
  apply (joint [0; p] p); simpl; auto.
  repeat split; simpl; auto; [| intuition (subst; lra)].
  repeat constructor; unfold probability; lra.
Qed.

(** ** The margin *)

(** Where an error with a small confidence costs little, R(0, 0) = R(0+, 0), the exact test is R(p, 1) >= R(0, 0) near 0. *)
Theorem extended_jointly_optimal_iff_margin : forall k, extended_proper r -> r 0 false = Some k ->
  (forall eps, 0 < eps -> exists delta, 0 < delta /\ forall s, 0 < s < delta -> at_most (Some (k - eps)) (r s false)) ->
  (extended_jointly_optimal r <-> forall p, 0 < p < 1 -> at_most (Some k) (r p true)).
Proof.
  intros k honest disowned near; split.
  - intros joint p inside; destruct (r p true) as [x |] eqn:correct; simpl.
    + apply Rnot_lt_le; intro short; apply (extended_converse honest p inside); [| assumption].
      rewrite correct, disowned; assumption.
    + apply (extended_converse honest p inside); [rewrite correct, disowned; exact I | assumption].
  - intros margin; apply extended_jointly_optimal_iff_least_at_zero; [assumption |]; intros p p01.
    destruct (Req_dec p 0) as [-> | positive]; [rewrite expected_0; apply at_most_refl |].
    assert (forall eps, 0 < eps -> at_most (Some (k - eps)) (U p p)) as almost.
    { intros eps eps_positive; destruct (near eps eps_positive) as [delta [delta_positive close]].
      set (s := Rmin delta 1 / 2); assert (0 < s < delta /\ s < 1) as [s_in s_less].
      { unfold s; pose proof (Rmin_l delta 1); pose proof (Rmin_r delta 1).
        assert (0 < Rmin delta 1) by (apply Rmin_glb_lt; lra); lra. }
      apply at_most_trans with (U p s); [| apply honest; unfold probability in *; lra].
      specialize (margin s ltac:(lra)); specialize (close s s_in).
      destruct (r s true) as [x |] eqn:correct, (r s false) as [y |] eqn:wrong; simpl in *; try tauto.
      rewrite (expected_finite r p s x y correct wrong); simpl; unfold probability in p01; nra. }
    rewrite disowned; pose proof (almost 1 ltac:(lra)) as real; destruct (U p p) as [v |]; simpl in *; [| tauto].
    apply Rnot_lt_le; intro gap; pose proof (almost ((k - v) / 2) ltac:(lra)); lra.
Qed.

End ProperReward.
