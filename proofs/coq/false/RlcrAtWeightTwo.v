(** False: RLCR is jointly optimal up to weight 2. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (forall lam, 0 < lam <= 2 -> strictly_jointly_optimal (rlcr lam)).
Proof.
  intros claim; apply (rlcr_not_jointly_optimal 2); [lra |]; intros answers best top p q member q01.
  destruct (Req_dec p best) as [-> | ?]; [destruct (Req_dec q best) as [-> | ?]; [apply Rle_refl |] |];
    left; apply (claim 2 ltac:(lra) answers best top); auto.
Qed.

(** The proof of Brier.rlcr_jointly_optimal, word for word. *)
Theorem rlcr_jointly_optimal : forall lam, 0 < lam <= 2 -> strictly_jointly_optimal (rlcr lam).
Proof.
  intros lam range; apply strict_joint_optimality; [apply rlcr_strictly_proper; lra |].
  unfold rlcr, with_correctness, brier, indicator; nra.
Qed.
