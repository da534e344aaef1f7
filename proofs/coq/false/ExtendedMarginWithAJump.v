(** False: the margin decides although R(., 0) falls by 1 just after 0. A reward that pays 5 or -1 for every report but
    0, which pays nothing when wrong and minus infinity when right, has V(1/10) < 0 = V(0). *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions Extended.
Import ListNotations.
Open Scope R_scope.

Definition jump : extended_reward := fun q correct =>
  if Req_EM_T q 0 then if correct then None else Some 0 else if correct then Some 5 else Some (-1).

Lemma jump_at_0 : jump 0 true = None /\ jump 0 false = Some 0.
Proof. unfold jump; destruct (Req_EM_T 0 0); [split; reflexivity | lra]. Qed.

Lemma jump_after_0 : forall q, q <> 0 -> jump q true = Some 5 /\ jump q false = Some (-1).
Proof. intros q positive; unfold jump; destruct (Req_EM_T q 0); [contradiction | split; reflexivity]. Qed.

Lemma variant_is_false : ~ (forall r, forall k, extended_proper r -> r 0 false = Some k ->
  (forall eps, 0 < eps -> exists delta, 0 < delta /\ forall s, 0 < s < delta -> at_most (Some (k - eps - 1)) (r s false)) ->
  (extended_jointly_optimal r <-> forall p, 0 < p < 1 -> at_most (Some k) (r p true))).
Proof.
  intros claim; destruct jump_at_0 as [ruin nothing].
  assert (extended_proper jump) as honest.
  { intros p q p01 q01; unfold probability in *; destruct (Req_dec p 0) as [-> | positive].
    - rewrite !expected_0, nothing; destruct (Req_dec q 0) as [-> | other]; [rewrite nothing; simpl; lra |].
      destruct (jump_after_0 q other) as [_ ->]; simpl; lra.
    - destruct (jump_after_0 p positive) as [right wrong]; rewrite (expected_finite jump p p 5 (-1) right wrong).
      destruct (Req_dec q 0) as [-> | other].
      + unfold expected; rewrite ruin, nothing; destruct (Req_EM_T p 0), (Req_EM_T p 1); simpl; auto; lra.
      + destruct (jump_after_0 q other) as [up down]; rewrite (expected_finite jump p q 5 (-1) up down); simpl; lra. }
  destruct (claim jump 0 honest nothing) as [_ joint].
  - intros eps positive; exists 1; split; [lra |]; intros s s_in.
    destruct (jump_after_0 s ltac:(lra)) as [_ ->]; simpl; lra.
  - assert (extended_jointly_optimal jump) as optimal.
    { apply joint; intros p inside; destruct (jump_after_0 p ltac:(lra)) as [-> _]; simpl; lra. }
    pose proof (proj1 (extended_jointly_optimal_iff_least_at_zero honest) optimal (1 / 10) ltac:(unfold probability; lra))
      as least.
    destruct (jump_after_0 (1 / 10) ltac:(lra)) as [right wrong].
    rewrite nothing, (expected_finite jump (1 / 10) (1 / 10) 5 (-1) right wrong) in least; simpl in least; lra.
Qed.

(** The proof of Extended.extended_jointly_optimal_iff_margin, word for word. *)
Section Variant.
Context {r : extended_reward}.
Notation U := (expected r).

Theorem extended_jointly_optimal_iff_margin : forall k, extended_proper r -> r 0 false = Some k ->
  (forall eps, 0 < eps -> exists delta, 0 < delta /\ forall s, 0 < s < delta -> at_most (Some (k - eps - 1)) (r s false)) ->
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

End Variant.
