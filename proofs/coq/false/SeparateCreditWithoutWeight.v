(** False: separate credit fixes the report at weight 0 as well. There no report is better than another. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier SeparateCredit.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall w s answers best, 0 <= w -> strictly_proper s -> best_of answers best ->
  forall p q, separately_optimal w s answers p q <-> p = best /\ q = best).
Proof.
  intros claim; assert (best_of [1] 1) as alone.
  { split; [apply Forall_cons; auto | split; simpl; auto; intros p [<- | []]; lra]. }
  destruct (proj1 (claim 0 brier [1] 1 ltac:(lra) brier_strictly_proper alone 1 0)); [| lra].
  split; split; simpl; auto.
  - intros p' [<- | []]; lra.
  - intros q' _; rewrite !expected_scaled; lra.
Qed.

(** The proof of SeparateCredit.separate_credit_iff, word for word. *)
Theorem separate_credit_iff :
  forall w s answers best, 0 <= w -> strictly_proper s -> best_of answers best ->
  forall p q, separately_optimal w s answers p q <-> p = best /\ q = best.
Proof.
  intros w s answers best positive strict top p q; split.
  - intros [[member better] [q01 truer]]; pose proof top as [all [among most]]; rewrite Forall_forall in all.
    specialize (better best among); rewrite !expected_correctness in better; specialize (most p member).
    assert (p = best) as -> by lra; split; [reflexivity |].
    destruct (Req_dec q best) as [same | distinct]; [assumption | exfalso].
    specialize (truer best (all best among)); rewrite !expected_scaled in truer.
    pose proof (strict best q (all best among) q01 ltac:(auto)); unfold honest_value in *; nra.
  - intros [-> ->]; apply separate_credit_honest; [lra | apply strictly_proper_is_proper |]; assumption.
Qed.
