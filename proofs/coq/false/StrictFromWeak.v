(** False: a unique best policy from a rule that is only weakly proper. The constant reward refutes it. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall r, proper r -> r 0 false <= r 0 true -> strictly_jointly_optimal r).
Proof.
  intros claim.
  assert (best_of [0] 0) as single.
  { unfold best_of; rewrite Forall_forall; simpl; intuition (subst; unfold probability; lra). }
  assert (proper (constant 0)) as honest by (intros p q _ _; unfold honest_value, expected_reward, constant; lra).
  assert (expected_reward (constant 0) 0 1 < honest_value (constant 0) 0) as tie.
  { apply (claim _ honest (Rle_refl 0) [0] 0 single); simpl; auto; right; lra. }
  unfold honest_value, expected_reward, constant in tie; lra.
Qed.

(** The proof of JointOptimality.strict_joint_optimality, word for word. *)
Section Variant.
Context {r : reward}.
Notation U := (expected_reward r).
Notation V := (honest_value r).
Notation D := (spread r).

Theorem strict_joint_optimality : proper r -> r 0 false <= r 0 true -> strictly_jointly_optimal r.
Proof.
  intros strict sign answers best [all [among top]] p q member q01 different.
  rewrite Forall_forall in all.
  destruct (Req_dec p best) as [-> | worse]; [apply strict; intuition |].
  apply Rle_lt_trans with (V p); [apply strictly_proper_is_proper; auto |].
  apply accuracy_strictly_rewarded_of_sign; auto; specialize (top p member); lra.
Qed.

End Variant.
