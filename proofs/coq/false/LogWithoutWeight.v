(** False: the log reward is strictly proper at weight 0 as well. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions Extended Logarithm.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (forall lam, 0 <= lam -> extended_strictly_proper (log_reward lam)).
Proof.
  intros claim; specialize (claim 0 ltac:(lra) (/ 2) (/ 3)).
  rewrite !expected_inside in claim by lra; unfold log_reward in claim; rewrite !extended_ln_positive in claim by lra.
  simpl in claim; unfold probability in claim; lra.
Qed.

(** The proof of Logarithm.log_strictly_proper, word for word. *)
Theorem log_strictly_proper : forall lam, 0 <= lam -> extended_strictly_proper (log_reward lam).
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
