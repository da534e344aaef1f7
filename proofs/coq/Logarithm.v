(** * The log score and its one-sided relative

    The log score is strictly proper and, beside correctness, fails at every weight: boundedness of the correct side
    near 0 is what it lacks. The rule R(q, 1) = q, R(q, 0) = q + log(1 - q) is as ruinous for a confident error and
    holds. *)

From Coq Require Import Reals Lra Psatz.
From ScoringTheory Require Import Definitions Extended.
Open Scope R_scope.

Definition extended_ln (x : R) : payoff := if Rlt_dec 0 x then Some (ln x) else None.

(** c + lam (log q if correct else log(1 - q)). *)
Definition log_reward (lam : R) : extended_reward := fun q correct =>
  match extended_ln (if correct then q else 1 - q) with Some x => Some (indicator correct + lam * x) | None => None end.

(** c + lam (q - 1 if correct else q + log(1 - q)); at lam = 1 it pays q, or q + log(1 - q). *)
Definition one_sided (lam : R) : extended_reward := fun q correct =>
  if correct then Some (1 + lam * (q - 1))
  else match extended_ln (1 - q) with Some x => Some (lam * (q + x)) | None => None end.

Lemma extended_ln_positive : forall x, 0 < x -> extended_ln x = Some (ln x).
Proof. intros x positive; unfold extended_ln; destruct (Rlt_dec 0 x); tauto. Qed.

Lemma extended_ln_0 : extended_ln 0 = None.
Proof. unfold extended_ln; destruct (Rlt_dec 0 0); [lra | reflexivity]. Qed.

Lemma extended_ln_1 : extended_ln (1 - 0) = Some 0.
Proof. rewrite Rminus_0_r, extended_ln_positive, ln_1 by lra; reflexivity. Qed.

(** ** One inequality *)

Lemma ln_below_tangent : forall x, 0 < x -> x <> 1 -> ln x < x - 1.
Proof.
  intros x positive other.
  assert (ln x <> 0) as moved by (intro zero; apply other; rewrite <- (exp_ln x), zero, exp_0; auto).
  pose proof (exp_ineq1 (ln x) moved) as tangent; rewrite exp_ln in tangent; lra.
Qed.

(** Gibbs, one term: p log q - p log p < q - p. *)
Lemma gibbs_term : forall p q, 0 < p -> 0 < q -> p <> q -> p * ln q - p * ln p < q - p.
Proof.
  intros p q p_positive q_positive distinct.
  assert (0 < q / p) by (apply Rdiv_lt_0_compat; assumption).
  assert (p * (q / p) = q) as ratio by (field; lra).
  assert (q / p <> 1) by (intro one; rewrite one in ratio; lra).
  replace (ln q) with (ln p + ln (q / p)) by (rewrite <- ln_mult, ratio; auto).
  pose proof (ln_below_tangent (q / p)); nra.
Qed.

(** ** The log score *)

Theorem log_strictly_proper : forall lam, 0 < lam -> extended_strictly_proper (log_reward lam).
Proof.
  intros lam positive p q p01 q01 distinct; unfold probability in *.
  assert (p = 0 \/ p = 1 \/ 0 < p < 1) as [-> | [-> | inside]] by lra.
  - rewrite !expected_0; unfold log_reward; rewrite extended_ln_1; simpl.
    destruct (Req_dec q 1) as [-> |]; [rewrite Rminus_eq_0, extended_ln_0; exact I |].
    rewrite extended_ln_positive by lra; simpl; pose proof (ln_below_tangent (1 - q)); nra.
  - rewrite !expected_1; unfold log_reward; rewrite (extended_ln_positive 1), ln_1 by lra; simpl.
    destruct (Req_dec q 0) as [-> |]; [rewrite extended_ln_0; exact I |].
    rewrite extended_ln_positive by lra; simpl; pose proof (ln_below_tangent q); nra.
  - rewrite !expected_inside by assumption; unfold log_reward.
    rewrite (extended_ln_positive p), (extended_ln_positive (1 - p)) by lra; simpl.
    destruct (Req_dec q 0) as [-> |]; [rewrite extended_ln_0; exact I |]; rewrite (extended_ln_positive q) by lra.
    destruct (Req_dec q 1) as [-> |]; [rewrite Rminus_eq_0, extended_ln_0; exact I |].
    rewrite (extended_ln_positive (1 - q)) by lra; simpl.
    pose proof (gibbs_term p q); pose proof (gibbs_term (1 - p) (1 - q)); nra.
Qed.

(** Every weight fails, at a p that can be put in by hand. *)
Theorem log_fails_at_witness : forall lam, 0 < lam ->
  0 < exp (- (2 / lam)) < 1 /\
  below (expected (log_reward lam) (exp (- (2 / lam))) (exp (- (2 / lam)))) (expected (log_reward lam) 0 0).
Proof.
  intros lam positive.
  assert (0 < 2 / lam) by (apply Rdiv_lt_0_compat; lra).
  assert (0 < exp (- (2 / lam)) < 1) as inside.
  { split; [apply exp_pos | rewrite <- exp_0; apply exp_increasing; lra]. }
  split; [assumption |]; apply extended_converse_witness; [| assumption |].
  - apply extended_strictly_proper_is_proper, log_strictly_proper; assumption.
  - unfold log_reward; rewrite extended_ln_1, extended_ln_positive, ln_exp by apply exp_pos; simpl.
    replace (lam * - (2 / lam)) with (-2) by (field; lra); lra.
Qed.

Theorem log_not_jointly_optimal : forall lam, 0 < lam -> ~ extended_jointly_optimal (log_reward lam).
Proof.
  intros lam positive joint; destruct (log_fails_at_witness lam positive) as [inside better].
  set (p := exp (- (2 / lam))) in *.
  apply (below_not_at_most _ _ better), (joint (cons 0 (cons p nil)) p); simpl; auto.
  repeat split; simpl; auto; [| intuition (subst; lra)].
  repeat constructor; unfold probability; lra.
Qed.

(** ** The one-sided rule *)

Theorem one_sided_strictly_proper : forall lam, 0 < lam -> extended_strictly_proper (one_sided lam).
Proof.
  intros lam positive p q p01 q01 distinct; unfold probability in *.
  assert (p = 0 \/ p = 1 \/ 0 < p < 1) as [-> | [-> | inside]] by lra.
  - rewrite !expected_0; unfold one_sided; rewrite extended_ln_1; simpl.
    destruct (Req_dec q 1) as [-> |]; [rewrite Rminus_eq_0, extended_ln_0; exact I |].
    rewrite extended_ln_positive by lra; simpl; pose proof (ln_below_tangent (1 - q)); nra.
  - rewrite !expected_1; simpl; nra.
  - rewrite !expected_inside by assumption; unfold one_sided; rewrite (extended_ln_positive (1 - p)) by lra; simpl.
    destruct (Req_dec q 1) as [-> |]; [rewrite Rminus_eq_0, extended_ln_0; exact I |].
    rewrite (extended_ln_positive (1 - q)) by lra; simpl.
    pose proof (gibbs_term (1 - p) (1 - q)); nra.
Qed.

Theorem one_sided_jointly_optimal : forall lam, 0 < lam <= 1 -> extended_strictly_jointly_optimal (one_sided lam).
Proof.
  intros lam range; apply extended_strict_joint_optimality; [apply one_sided_strictly_proper; lra |].
  unfold one_sided; rewrite extended_ln_1; simpl; lra.
Qed.

(** The loss for a confident error really is unbounded. *)
Theorem one_sided_unbounded : forall loss, exists q x, 0 < q < 1 /\ one_sided 1 q false = Some x /\ x < - loss.
Proof.
  intros loss; pose proof (Rabs_pos loss); pose proof (Rle_abs loss).
  assert (0 < exp (- (Rabs loss + 2)) < 1).
  { split; [apply exp_pos | rewrite <- exp_0; apply exp_increasing; lra]. }
  exists (1 - exp (- (Rabs loss + 2))); eexists; split; [lra |]; split.
  - unfold one_sided; rewrite extended_ln_positive by lra; reflexivity.
  - replace (1 - (1 - exp (- (Rabs loss + 2)))) with (exp (- (Rabs loss + 2))) by ring; rewrite ln_exp; lra.
Qed.
