(** False: dropping the groups that agree leaves the true probability the best report. For pairs that report is 1/2. *)

From Coq Require Import Reals Lra Psatz List Arith Bool.
From ScoringTheory Require Import Definitions JointOptimality Brier Normalised Pieces SmallSpread OutcomeFilter.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall r p reports q, strictly_proper r -> 0 < p < 1 -> reports <> [] -> probability q ->
  let best := p in
  q <> best -> filtered r p reports q < filtered r p reports best).
Proof.
  intros claim; assert (right_given_mixed 2 (3 / 4) = / 2) as pairs by (apply right_given_mixed_pairs; lra).
  pose proof (claim brier (3 / 4) [0] (/ 2) brier_strictly_proper ltac:(lra) ltac:(congruence)
    ltac:(unfold probability; lra)) as bad.
  pose proof (filter_best_report brier (3 / 4) [0] (3 / 4) brier_strictly_proper ltac:(lra) ltac:(congruence)
    ltac:(unfold probability; lra)) as better.
  simpl length in better; cbv zeta in bad, better; rewrite pairs in better.
  specialize (bad ltac:(lra)); specialize (better ltac:(lra)); lra.
Qed.

(** The proof of OutcomeFilter.filter_best_report, word for word. *)
Theorem filter_best_report :
  forall r p reports q, strictly_proper r -> 0 < p < 1 -> reports <> [] -> probability q ->
  let best := p in
  q <> best -> filtered r p reports q < filtered r p reports best.
Proof.
  intros r p reports q strict inside some q01 best distinct.
  assert (1 <= length reports)%nat as enough by (destruct reports; simpl; [congruence | lia]).
  pose proof (filter_pays_for_mixed_groups r p reports best q inside some) as gain; simpl in gain; fold best in gain.
  pose proof (right_given_mixed_probability (length reports) p inside enough) as best01; fold best in best01.
  pose proof (strict best q best01 q01 ltac:(auto)) as better; unfold honest_value in better.
  pose proof (mixed_possible (length reports) p inside enough) as positive; simpl pow in positive.
  assert (0 < INR (length reports)) by (apply lt_0_INR; lia).
  assert (0 < INR (S (length reports))) by (apply lt_0_INR; lia).
  apply Rminus_gt_0_lt, Rlt_gt; rewrite gain; repeat apply Rmult_lt_0_compat; try lra; apply Rinv_0_lt_compat; assumption.
Qed.
