(** False: the sign at exactly 0 decides when R(., 1) may jump up, but not down, right of 0. There only the limit
    R(0+, 1) counts. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier.
Import ListNotations.
Open Scope R_scope.

(** RLCR, except that a correct answer with confidence 0 loses 3: proper and jointly optimal, with R(0, 1) < R(0, 0). *)
Definition spike : reward := fun q correct =>
  rlcr 1 q correct - (if correct then if Req_EM_T q 0 then 3 else 0 else 0).

Lemma spike_proper : proper spike.
Proof.
  intros p q p01 q01; pose proof (brier_regret p q); pose proof (pow2_ge_0 (p - q)); unfold probability in *.
  unfold honest_value, expected_reward, spike, rlcr, with_correctness, brier, indicator in *.
  destruct (Req_EM_T q 0), (Req_EM_T p 0); subst; nra.
Qed.

Lemma spike_jointly_optimal : jointly_optimal spike.
Proof.
  apply jointly_optimal_iff_margin; [exact spike_proper |]; intros p p01.
  unfold spike, rlcr, with_correctness, brier, indicator; destruct (Req_EM_T p 0); nra.
Qed.

Definition right_lower_semicontinuous_at_zero (f : R -> R) : Prop :=
  forall eps, 0 < eps -> exists delta, 0 < delta /\ forall x, 0 < x < delta -> f 0 - eps < f x.

Lemma variant_is_false : ~ (
  forall r, proper r -> right_lower_semicontinuous_at_zero (fun q => r q true) -> (jointly_optimal r <-> r 0 false
  <= r 0 true)).
Proof.
  intros claim; refine (_ (proj1 (claim spike spike_proper _) spike_jointly_optimal)).
  2: { intros eps positive; exists 1; split; [lra |]; intros x between.
       unfold spike, rlcr, with_correctness, brier, indicator; destruct (Req_EM_T 0 0), (Req_EM_T x 0); nra. }
  intros sign.
  unfold spike, rlcr, with_correctness, brier, indicator in sign; destruct (Req_EM_T 0 0); lra.
Qed.

(** The proof of Margin.jointly_optimal_iff_sign, word for word. *)
Theorem jointly_optimal_iff_sign : 
  forall r, proper r -> right_lower_semicontinuous_at_zero (fun q => r q true) -> (jointly_optimal r <-> r 0 false
  <= r 0 true).
Proof.
  intros r honest no_jump; split; [| apply joint_optimality; assumption].
  rewrite jointly_optimal_iff_margin by assumption; intros margin.
  apply Rnot_lt_le; intro gap.
  destruct (no_jump (r 0 false - r 0 true) ltac:(lra)) as [delta [positive close]].
  apply (margin_near_zero r _ honest) with (delta := delta) in margin; [| assumption].
  destruct margin as [x [between [_ high]]]; specialize (close x between); lra.
Qed.
