(** False: an untied report is jointly optimal at negative weights as well. There a false distribution is rewarded. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions KClass.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall K lam s p best, lam <= 0 -> class_proper K s -> distribution_on K p -> (best < K)%nat -> (forall answer,
  (answer < K)%nat -> p answer <= p best) -> forall answer q, (answer < K)%nat -> distribution_on K q ->
  expectation K p (class_reward lam s answer q) <= expectation K p (class_reward lam s best p)).
Proof.
  intros claim.
  set (first := fun y => if Nat.eqb y 0 then 1 else 0); set (second := fun y => if Nat.eqb y 1 then 1 else 0).
  assert (distribution_on 2 first /\ distribution_on 2 second) as [first_sums second_sums].
  { split; split; unfold first, second; simpl; try lra; intros y _; destruct (Nat.eqb _ _); lra. }
  assert (forall answer, (answer < 2)%nat -> first answer <= first 0%nat) as top.
  { intros answer _; unfold first; destruct answer; simpl; lra. }
  pose proof (claim 2%nat (-1) (class_brier 2) first 0%nat ltac:(lra) (class_brier_proper 2) first_sums
    ltac:(auto) top 0%nat second ltac:(auto) second_sums) as best.
  rewrite !class_reward_expected in best by auto; unfold expectation, class_brier, first, second in best.
  simpl in best; lra.
Qed.

(** The proof of KClass.untied_report_jointly_optimal, word for word. *)
Theorem untied_report_jointly_optimal : 
  forall K lam s p best, lam <= 0 -> class_proper K s -> distribution_on K p -> (best < K)%nat -> (forall answer,
  (answer < K)%nat -> p answer <= p best) -> forall answer q, (answer < K)%nat -> distribution_on K q ->
  expectation K p (class_reward lam s answer q) <= expectation K p (class_reward lam s best p).
Proof.
  intros K lam s p best positive honest p_sums inside top answer q answer_inside q_sums.
  rewrite !class_reward_expected by assumption.
  apply Rplus_le_compat; [auto | apply Rmult_le_compat_l; [assumption | apply honest; assumption]].
Qed.
