(** False: the log reward fails at weight 0 as well. There it pays for correctness alone, and the better answer wins.
    *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions Extended Logarithm.
Import ListNotations.
Open Scope R_scope.

Lemma weightless_log : forall p q, probability p -> at_most (expected (log_reward 0) p q) (Some p).
Proof.
  intros p q p01; unfold probability in p01; unfold expected, log_reward, indicator.
  destruct (Req_EM_T p 0), (Req_EM_T p 1), (extended_ln q), (extended_ln (1 - q)); simpl; auto; lra.
Qed.

Lemma weightless_log_honest : forall p, probability p -> expected (log_reward 0) p p = Some p.
Proof.
  intros p p01; unfold probability in p01; unfold expected, log_reward, indicator.
  destruct (Req_EM_T p 0); [subst; rewrite extended_ln_1; f_equal; ring |].
  destruct (Req_EM_T p 1); [subst; rewrite extended_ln_positive by lra; f_equal; ring |].
  rewrite !extended_ln_positive by lra; f_equal; ring.
Qed.

Lemma variant_is_false : ~ (forall lam, 0 <= lam -> ~ extended_jointly_optimal (log_reward lam)).
Proof.
  intros claim; apply (claim 0 ltac:(lra)); intros answers best [all [among top]] p q member q01.
  rewrite Forall_forall in all; rewrite weightless_log_honest by auto.
  apply at_most_trans with (Some p); [apply weightless_log; auto | simpl; auto].
Qed.

(** The proof of Logarithm.log_not_jointly_optimal, word for word. *)
Theorem log_not_jointly_optimal : forall lam, 0 <= lam -> ~ extended_jointly_optimal (log_reward lam).
Proof.
  intros lam positive joint; destruct (log_fails_at_witness lam positive) as [inside better].
  set (p := exp (- (2 / lam))) in *.
  apply (below_not_at_most _ _ better), (joint (cons 0 (cons p nil)) p); simpl; auto.
  repeat split; simpl; auto; [| intuition (subst; lra)].
  repeat constructor; unfold probability; lra.
Qed.
