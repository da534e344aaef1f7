(** False: with a shared outcome the true probability is the best reply. Its odds are multiplied by those of the others. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier Normalised LeaveOneOutStd.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall p low high reports q, 0 < p < 1 -> 0 <= low < high -> high <= 1 ->
  Forall (fun x => x = low \/ x = high) reports -> 0 < deviation reports ->
  let best := p in
  q <> best -> left_out_shared deviation brier p reports q < left_out_shared deviation brier p reports best).
Proof.
  intros claim; pose proof (claim (7 / 10) (6 / 10) (8 / 10) [6 / 10; 8 / 10] (49 / 58)) as bad.
  pose proof left_out_shared_counterexample as better; cbv zeta in bad.
  rewrite deviation_pair, Rabs_left in bad by lra.
  specialize (bad ltac:(lra) ltac:(lra) ltac:(lra)
    ltac:(apply Forall_cons; [auto | apply Forall_cons; [auto | apply Forall_nil]]) ltac:(lra) ltac:(lra)); lra.
Qed.

(** The proof of LeaveOneOutStd.left_out_shared_best_report, word for word. *)
Theorem left_out_shared_best_report :
  forall p low high reports q, 0 < p < 1 -> 0 <= low < high -> high <= 1 ->
  Forall (fun x => x = low \/ x = high) reports -> 0 < deviation reports ->
  let best := p in
  q <> best -> left_out_shared deviation brier p reports q < left_out_shared deviation brier p reports best.
Proof.
  intros p low high reports q inside ordered bounded two spread best distinct.
  assert (reports <> []) as some.
  { intros ->; unfold deviation, mean in spread; simpl in spread.
    unfold Rdiv in spread; rewrite Rmult_0_l, sqrt_0 in spread; lra. }
  destruct (brier_deviations low high reports ordered bounded some two) as [right wrong].
  set (m := (low + high) / 2) in *; assert (0 < m < 1) as middle by (unfold m; lra).
  replace (2 - low - high) with (2 * (1 - m)) in right by (unfold m; field).
  replace (low + high) with (2 * m) in wrong by (unfold m; field).
  pose proof (combined_odds_defined p m inside middle) as total.
  assert (left_out_shared deviation brier p reports best - left_out_shared deviation brier p reports q
    = (p * m + (1 - p) * (1 - m)) / (2 * deviation reports * m * (1 - m)) * (q - best) ^ 2) as regret.
  { unfold left_out_shared, left_out_advantage; rewrite right, wrong.
    unfold brier, indicator, best, combined_odds; field; repeat split; lra. }
  assert (0 < 2 * deviation reports * m * (1 - m)) by (repeat apply Rmult_lt_0_compat; lra).
  assert (0 < (p * m + (1 - p) * (1 - m)) / (2 * deviation reports * m * (1 - m))) by (apply Rdiv_lt_0_compat; lra).
  pose proof (square_positive (q - best) ltac:(lra)); nra.
Qed.
