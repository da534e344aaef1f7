(** False: with a shared outcome the true probability is the best reply. Its odds are multiplied by those of the others. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier Normalised LeaveOneOutStd.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall p m half q, 0 < p < 1 -> 0 < half -> 0 < m - half -> m + half < 1 ->
  q <> p ->
  left_out_shared deviation brier p [m - half; m + half] q
  < left_out_shared deviation brier p [m - half; m + half] p).
Proof.
  intros claim; pose proof (claim (7 / 10) (7 / 10) (/ 10) (49 / 58) ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lra)
    ltac:(lra)) as bad.
  pose proof left_out_shared_counterexample as better.
  replace (7 / 10 - / 10) with (6 / 10) in bad by field; replace (7 / 10 + / 10) with (8 / 10) in bad by field; lra.
Qed.

(** The proof of LeaveOneOutStd.left_out_shared_best_report, word for word. *)
Theorem left_out_shared_best_report :
  forall p m half q, 0 < p < 1 -> 0 < half -> 0 < m - half -> m + half < 1 ->
  q <> p ->
  left_out_shared deviation brier p [m - half; m + half] q
  < left_out_shared deviation brier p [m - half; m + half] p.
Proof.
  intros p m half q inside positive low high distinct.
  pose proof (left_out_shared_brier_regret p m half q inside positive low high) as regret.
  pose proof (combined_odds_defined p m inside ltac:(lra)).
  assert (0 < m * (1 - m)) by nra; assert (0 < 2 * half * m * (1 - m)) by nra.
  assert (0 < (p * m + (1 - p) * (1 - m)) / (2 * half * m * (1 - m))) by (apply Rdiv_lt_0_compat; lra).
  pose proof (square_positive (q - combined_odds p m) ltac:(lra)); nra.
Qed.
