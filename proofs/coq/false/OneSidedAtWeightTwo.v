(** False: the one-sided rule is jointly optimal up to weight 2. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions Extended Logarithm.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall lam, 0 < lam <= 2 -> extended_strictly_jointly_optimal (one_sided lam)).
Proof.
  intros claim; pose proof (claim 2 ltac:(lra)) as joint.
  assert (extended_proper (one_sided 2)) as honest.
  { apply extended_strictly_proper_is_proper, one_sided_strictly_proper; lra. }
  apply (extended_converse honest (/ 4)); [lra | |].
  - unfold one_sided; rewrite extended_ln_1; simpl; lra.
  - intros answers best top p q member q01.
    destruct (Req_dec p best) as [-> | ?]; [destruct (Req_dec q best) as [-> | ?]; [apply at_most_refl |] |];
      apply below_at_most, (joint answers best top); auto.
Qed.

(** The proof of Logarithm.one_sided_jointly_optimal, word for word. *)
Theorem one_sided_jointly_optimal : 
  forall lam, 0 < lam <= 2 -> extended_strictly_jointly_optimal (one_sided lam).
Proof.
  intros lam range; apply extended_strict_joint_optimality; [apply one_sided_strictly_proper; lra |].
  unfold one_sided; rewrite extended_ln_1; simpl; lra.
Qed.
