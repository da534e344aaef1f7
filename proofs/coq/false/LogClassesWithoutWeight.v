(** False: the log score of a distribution decides at weight 0. There no report is worse than another. *)

From Coq Require Import Reals Lra Psatz List Arith Bool.
From ScoringTheory Require Import Definitions Extended Logarithm KClass ClassRules.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall K lam p best, 0 <= lam -> distribution_on K p -> (best < K)%nat -> (forall answer, (answer < K)%nat -> p
  answer <= p best) -> forall answer q, (answer < K)%nat -> distribution_on K q -> p answer < p best \/ differ K p q
  -> below (extended_expectation K p (class_log_reward lam answer q)) (extended_expectation K p (class_log_reward
  lam best p))).
Proof.
  intros claim.
  set (p := fun y => if Nat.eqb y 0 then 1 else 0); set (q := fun _ : nat => / 2).
  assert (distribution_on 2 p) as p_sums by (split; [intros [|] _; unfold p |]; simpl; unfold p; simpl; lra).
  assert (distribution_on 2 q) as q_sums by (split; [intros y _; unfold q |]; simpl; unfold q; simpl; lra).
  assert (forall answer, (answer < 2)%nat -> p answer <= p 0%nat) as top by (intros [|] _; unfold p; simpl; lra).
  assert (differ 2 p q) as other by (exists 0%nat; split; [auto | unfold p, q; simpl; lra]).
  pose proof (claim 2%nat 0 p 0%nat ltac:(lra) p_sums ltac:(auto) top 0%nat q ltac:(auto) q_sums (or_intror other))
    as strict.
  rewrite !class_log_reward_expected, class_log_value in strict by apply p_sums.
  simpl in strict; unfold class_log, q in strict; rewrite !extended_ln_positive in strict by lra; simpl in strict; lra.
Qed.

(** The proof of ClassRules.class_log_strictly_optimal, word for word. *)
Theorem class_log_strictly_optimal :
  forall K lam p best, 0 <= lam -> distribution_on K p -> (best < K)%nat -> (forall answer, (answer < K)%nat -> p
  answer <= p best) -> forall answer q, (answer < K)%nat -> distribution_on K q -> p answer < p best \/ differ K p q
  -> below (extended_expectation K p (class_log_reward lam answer q)) (extended_expectation K p (class_log_reward
  lam best p)).
Proof.
  intros K lam p best positive p_sums inside top answer q answer_inside q_sums different.
  rewrite !class_log_reward_expected, !right_answer_expected by assumption; specialize (top answer answer_inside).
  rewrite class_log_value by apply p_sums.
  pose proof (class_log_expected K p q (proj1 p_sums)) as value.
  pose proof (class_log_strictly_proper K p q p_sums q_sums) as strict; rewrite class_log_value in strict by apply p_sums.
  destruct (extended_expectation K p (class_log q)) as [x |]; [| exact I]; simpl in *.
  destruct value as [-> possible], p_sums as [p_nonnegative p_one], q_sums as [q_nonnegative q_one].
  destruct different as [worse | other]; [| specialize (strict other); nra].
  enough (0 <= total K (fun y => (q y + -1 * p y) + (p y * ln (p y) + -1 * (p y * ln (q y))))) as gap.
  { rewrite !total_plus, !total_scaled, p_one, q_one in gap; nra. }
  apply total_nonnegative; intros z below; destruct (gibbs_term_weak (p z) (q z)); auto; lra.
Qed.
