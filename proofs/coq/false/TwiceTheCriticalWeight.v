(** False: the critical weight doubled. RLCR at weight 2 refutes it. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall lam s limit, 0 < lam -> proper s -> right_limit_at_zero (fun q => s q true) limit -> (jointly_optimal
  (with_correctness lam s) <-> lam * (s 0 false - limit) <= 2)).
Proof.
  intros claim; apply (rlcr_not_jointly_optimal 2); [lra |]; apply (claim 2 brier (-1)); [lra | | |].
  - apply strictly_proper_is_proper, brier_strictly_proper.
  - intros eps positive; exists (Rmin eps 1 / 2); pose proof (Rmin_l eps 1); pose proof (Rmin_r eps 1).
    assert (0 < Rmin eps 1) by (apply Rmin_glb_lt; lra); split; [lra |]; intros x between.
    unfold brier, indicator; apply Rabs_def1; nra.
  - unfold brier, indicator; lra.
Qed.

(** The proof of Margin.critical_weight, word for word. *)
Theorem critical_weight : 
  forall lam s limit, 0 < lam -> proper s -> right_limit_at_zero (fun q => s q true) limit -> (jointly_optimal
  (with_correctness lam s) <-> lam * (s 0 false - limit) <= 2).
Proof.
  intros lam s limit positive honest tends.
  rewrite (jointly_optimal_iff_limit (with_correctness lam s) (1 + lam * limit)).
  - unfold with_correctness, indicator; split; lra.
  - apply with_correctness_proper; [lra | assumption].
  - intros eps eps_positive.
    destruct (tends (eps / lam)) as [delta [delta_positive close]]; [apply Rdiv_lt_0_compat; lra |].
    exists delta; split; [assumption |]; intros x between; specialize (close x between).
    unfold with_correctness, indicator.
    replace (1 + lam * s x true - (1 + lam * limit)) with (lam * (s x true - limit)) by ring.
    rewrite Rabs_mult, (Rabs_right lam) by lra.
    replace eps with (lam * (eps / lam)) by (field; lra).
    apply Rmult_lt_compat_l; assumption.
Qed.
