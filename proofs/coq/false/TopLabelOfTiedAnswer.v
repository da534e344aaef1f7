(** False: with K classes the top label of Brier is safe up to K / (K - 2), as if the answer were tied to the mode.
    *)

From Coq Require Import Reals Lra Psatz List Arith Bool.
From ScoringTheory Require Import Definitions JointOptimality Brier KClass ClassRules ClassTies.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall K lam, (2 <= K)%nat -> 0 < lam -> (top_label_optimal K (rlcr lam) <-> lam * (INR K - 2) <= INR K)).
Proof.
  intros claim; pose proof (claim 3%nat (5 / 2) ltac:(auto) ltac:(lra)) as tied.
  pose proof (top_label_brier_iff 3 (5 / 2) ltac:(auto) ltac:(lra)) as free; simpl in tied, free.
  destruct tied as [_ optimal]; destruct free as [small _]; specialize (small (optimal ltac:(lra))); lra.
Qed.

(** The proof of ClassTies.top_label_brier_iff, word for word. *)
Theorem top_label_brier_iff :
  forall K lam, (2 <= K)%nat -> 0 < lam -> (top_label_optimal K (rlcr lam) <-> lam * (INR K - 2) <= INR K).
Proof.
  intros K lam enough positive; assert (2 <= INR K) by (pose proof (le_INR 2 K enough) as many; simpl in many; lra).
  split.
  - intros optimal; destruct K as [| [| m]]; [lia | lia |]; pose proof (pos_INR m).
    assert (INR (S (S m)) = INR m + 2) as size by (rewrite !S_INR; ring); rewrite size in *.
    assert (0 < / (INR m + 1) <= 1) as share.
    { split; [apply Rinv_0_lt_compat; lra | rewrite <- Rinv_1; apply Rinv_le_contravar; lra]. }
    destruct (spread_out_distribution (/ (INR m + 1)) (/ (INR m + 1)) m ltac:(lra) ltac:(field; lra)) as [sums top].
    specialize (optimal _ _ sums top 0%nat 0 ltac:(lia) probability_0); unfold honest_value in optimal.
    rewrite !rlcr_expected in optimal; simpl in optimal; set (b := / (INR m + 1)) in *.
    assert (b * (INR m + 1) = 1) as unit by (unfold b; field; lra).
    assert (lam * (1 - b) <= 1) by nra; nra.
  - intros small p best p_sums top a q a_inside q01.
    pose proof (distribution_probability K p a p_sums a_inside) as [a_nonnegative _].
    pose proof (others_at_most K p best a p_sums top a_inside) as crowded.
    pose proof (proj2 top a a_inside) as ordered.
    assert (1 <= (INR K - 1) * (p a + p best)) as apart by nra.
    assert (lam * ((INR K - 1) * (p a + p best) - 1) >= 0) by nra.
    assert (0 <= 1 - lam * (1 - (p a + p best))) as slope by nra.
    unfold honest_value; rewrite !rlcr_expected.
    pose proof (Rmult_le_pos lam _ ltac:(lra) (pow2_ge_0 (q - p a))); nra.
Qed.
