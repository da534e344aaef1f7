(** False: a report earns less than the honest one even if it differs nowhere. *)

From Coq Require Import Reals Lra Psatz List Arith Bool.
From ScoringTheory Require Import Definitions KClass ClassRules.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall K, forall p q, distribution_on K p -> distribution_on K q -> (exists y, (y < K)%nat /\ p y = p y) ->
  expectation K p (class_spherical K q) < expectation K p (class_spherical K p)).
Proof.
  intros claim; assert (distribution_on 1 (fun _ => 1)) as sure by (split; [intros; lra | simpl; lra]).
  assert (exists y, (y < 1)%nat /\ (fun _ : nat => 1) y = 1) as nowhere by (exists 0%nat; auto).
  pose proof (claim 1%nat _ _ sure sure nowhere); lra.
Qed.

(** The proof of ClassRules.class_spherical_strictly_proper, word for word. *)
Theorem class_spherical_strictly_proper :
  forall K, forall p q, distribution_on K p -> distribution_on K q -> (exists y, (y < K)%nat /\ p y = p y) ->
  expectation K p (class_spherical K q) < expectation K p (class_spherical K p).
Proof.
  intros K p q p_sums q_sums [y [inside other]].
  rewrite class_spherical_value, class_spherical_expected by assumption.
  pose proof (class_length_positive K p p_sums) as lp_positive; pose proof (class_length_positive K q q_sums) as lq_positive.
  pose proof (cauchy_schwarz_gap K p q) as gap; cbv zeta in gap.
  set (lp := class_length K p) in *; set (lq := class_length K q) in *; set (inner := total K (fun y => p y * q y)) in *.
  assert (forall z, (z < K)%nat -> 0 <= (lq * p z - lp * q z) ^ 2) as squares by (intros; apply pow2_ge_0).
  assert (0 < total K (fun y => (lq * p y - lp * q y) ^ 2)) as positive.
  { destruct (total_nonnegative K _ squares) as [| flat]; [assumption | exfalso].
    assert (forall z, (z < K)%nat -> lq * p z = lp * q z) as proportional.
    { intros z z_inside; destruct (Req_dec (lq * p z) (lp * q z)) as [| apart]; [assumption | exfalso].
      pose proof (total_positive K _ z squares z_inside ltac:(apply square_positive; lra)); lra. }
    pose proof (total_ext K (fun z => lq * p z) (fun z => lp * q z) proportional) as sums.
    rewrite !total_scaled in sums; destruct p_sums as [_ p_one], q_sums as [_ q_one]; rewrite p_one, q_one in sums.
    specialize (proportional y inside); apply other, Rmult_eq_reg_l with lq; lra || nra. }
  assert (0 < lp * lq) by (apply Rmult_lt_0_compat; assumption).
  assert (inner < lp * lq) by (rewrite gap in positive; nra).
  apply Rmult_lt_reg_r with lq; [assumption |]; unfold Rdiv; rewrite Rmult_assoc, Rinv_l by lra; lra.
Qed.
