(** False: RLCR fails already at weight 1, the published weight. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (forall lam, 1 <= lam -> ~ jointly_optimal (rlcr lam)).
Proof.
  intros claim; apply (claim 1 ltac:(lra)), rlcr_jointly_optimal_iff; lra.
Qed.

(** The proof of Brier.rlcr_not_jointly_optimal, word for word. *)
Theorem rlcr_not_jointly_optimal : forall lam, 1 <= lam -> ~ jointly_optimal (rlcr lam).
Proof.
  intros lam large joint.
  destruct (rlcr_fails_at_witness lam large) as [inside better].
  assert (proper (rlcr lam)) as honest by (apply strictly_proper_is_proper, rlcr_strictly_proper; lra).
  apply (Rlt_not_le _ _ better), jointly_optimal_iff_accuracy_rewarded; auto; unfold probability; lra.
Qed.
