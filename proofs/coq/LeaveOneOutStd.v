(** * Dividing by the standard deviation of the others

    The advantage is (reward - mean of the others) / divisor, where mean and divisor are taken over the other rollouts of
    the group. Given the others it is affine and rising in the own reward. With independent outcomes the others say
    nothing about the own outcome, so every comparison of expected rewards is kept. With a shared outcome the divisor
    depends on that outcome: under the Brier score the best reply has the odds of [p] times the odds of what the others
    state, and a population that starts at the truth leaves it. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier Normalised.
Import ListNotations.
Open Scope R_scope.

(** The divisor is any function of the others' rewards. *)
Definition left_out_advantage (divisor : list R -> R) (others : list R) (own : R) : R := (own - mean others) / divisor others.

Theorem left_out_advantage_affine : forall divisor others x y, 0 < divisor others ->
  left_out_advantage divisor others x - left_out_advantage divisor others y = / divisor others * (x - y) /\
  (x < y -> left_out_advantage divisor others x < left_out_advantage divisor others y).
Proof.
  intros divisor others x y positive; pose proof (Rinv_0_lt_compat _ positive) as scale.
  assert (left_out_advantage divisor others x - left_out_advantage divisor others y = / divisor others * (x - y)) as affine
    by (unfold left_out_advantage; field; lra).
  split; [exact affine |]; intros less; nra.
Qed.

(** ** Independent outcomes *)

(** The law of the others' rewards: finitely many pairs (probability, rewards), whatever they answer and report. *)
Definition population : Type := list (R * list R).

Definition population_with (divisor : list R -> R) (others : population) : Prop :=
  Forall (fun atom => 0 <= fst atom /\ 0 < divisor (snd atom)) others /\ fold_right (fun atom rest => fst atom + rest) 0 others = 1.

(** Expected advantage of an answer that is right with probability [p] and reports [q], independently of the others. *)
Definition left_out_expected (divisor : list R -> R) (r : reward) (others : population) (p q : R) : R :=
  fold_right (fun '(weight, rewards) rest => weight *
    (p * left_out_advantage divisor rewards (r q true) + (1 - p) * left_out_advantage divisor rewards (r q false)) + rest) 0 others.

(** The mean of 1 / divisor. *)
Definition mean_inverse (divisor : list R -> R) (others : population) : R :=
  fold_right (fun '(weight, rewards) rest => weight * / divisor rewards + rest) 0 others.

Lemma mean_inverse_positive : forall divisor others, population_with divisor others -> 0 < mean_inverse divisor others.
Proof.
  intros divisor others [all one]; assert (0 < fold_right (fun atom rest => fst atom + rest) 0 others) as mass by lra.
  clear one; induction all as [| [weight rewards] others [positive divides] rest induction]; simpl in *; [lra |].
  pose proof (Rinv_0_lt_compat _ divides) as scale.
  assert (0 <= mean_inverse divisor others) as tail.
  { clear -rest; induction rest as [| [weight rewards] others [positive divides] _ induction]; simpl in *; [lra |].
    pose proof (Rinv_0_lt_compat _ divides); nra. }
  destruct (Rle_lt_or_eq_dec 0 weight positive) as [weighty | <-]; [nra | rewrite Rmult_0_l, Rplus_0_l; apply induction; lra].
Qed.

(** Expected advantages differ by expected rewards, times one positive number. *)
Theorem left_out_independent : forall divisor r others p q p' q', population_with divisor others ->
  left_out_expected divisor r others p q - left_out_expected divisor r others p' q'
  = mean_inverse divisor others * (expected_reward r p q - expected_reward r p' q').
Proof.
  intros divisor r others p q p' q' [all _]; unfold left_out_expected, mean_inverse.
  induction all as [| [weight rewards] others [_ divides] _ induction]; simpl in *; [ring |].
  rewrite Rmult_plus_distr_r, <- induction; unfold expected_reward, left_out_advantage; field; lra.
Qed.

(** So the same answers and reports are best: nothing about the optimum of R changes. *)
Corollary left_out_keeps_the_order : forall divisor r others p q p' q', population_with divisor others ->
  (left_out_expected divisor r others p q <= left_out_expected divisor r others p' q' <->
   expected_reward r p q <= expected_reward r p' q').
Proof.
  intros divisor r others p q p' q' law; pose proof (left_out_independent divisor r others p q p' q' law).
  pose proof (mean_inverse_positive divisor others law); split; intros; nra.
Qed.

(** The others' standard deviation plus a small positive number, as trainers compute it, is such a divisor. *)
Corollary left_out_std_keeps_the_order : forall eps r others p q p' q', 0 < eps ->
  Forall (fun atom => 0 <= fst atom) others -> fold_right (fun atom rest => fst atom + rest) 0 others = 1 ->
  let divisor := fun rewards => deviation rewards + eps in
  (left_out_expected divisor r others p q <= left_out_expected divisor r others p' q' <->
   expected_reward r p q <= expected_reward r p' q').
Proof.
  intros eps r others p q p' q' positive weights one divisor; apply left_out_keeps_the_order; split; [| assumption].
  apply Forall_impl with (2 := weights); intros atom nonnegative; split; [assumption |].
  unfold divisor, deviation; pose proof (sqrt_pos (mean (map (fun x => (x - mean (snd atom)) ^ 2) (snd atom)))); lra.
Qed.

(** Without that number the advantage has no bound: the others' rewards may nearly agree. *)
Theorem left_out_advantage_unbounded : forall bound, 0 < bound ->
  exists x y, 0 <= x < y /\ y <= 1 /\ bound < left_out_advantage deviation [x; y] 1.
Proof.
  intros bound positive; exists 0, (2 / (bound + 2)).
  assert (0 < 2 / (bound + 2)) by (apply Rdiv_lt_0_compat; lra).
  assert (2 / (bound + 2) * (bound + 2) = 2) by (field; lra).
  repeat split; [lra | assumption | nra |].
  unfold left_out_advantage; rewrite deviation_pair, Rabs_left by lra; unfold mean; simpl.
  replace ((1 - (0 + (2 / (bound + 2) + 0)) / (1 + 1)) / (- (0 - 2 / (bound + 2)) / 2)) with (bound + 1) by (field; lra); lra.
Qed.

(** ** A shared outcome *)

(** Expected advantage of the report [q] where all are right together or wrong together. *)
Definition left_out_shared (divisor : list R -> R) (r : reward) (p : R) (reports : list R) (q : R) : R :=
  p * left_out_advantage divisor (map (fun x => r x true) reports) (r q true)
  + (1 - p) * left_out_advantage divisor (map (fun x => r x false) reports) (r q false).

(** The odds of [p] times the odds of [m]. *)
Definition combined_odds (p m : R) : R := p * m / (p * m + (1 - p) * (1 - m)).

Lemma combined_odds_defined : forall p m, 0 < p < 1 -> 0 < m < 1 -> 0 < p * m + (1 - p) * (1 - m).
Proof. intros; assert (0 < p * m) by nra; assert (0 < (1 - p) * (1 - m)) by nra; lra. Qed.

(** Among the two reports [low] and [high] Brier is affine, so the others' deviations are those of their reports, times the
    slope 2 - low - high if right and low + high if wrong. *)
Lemma brier_deviations : forall low high reports, 0 <= low < high -> high <= 1 -> reports <> [] ->
  Forall (fun x => x = low \/ x = high) reports ->
  deviation (map (fun x => brier x true) reports) = (2 - low - high) * deviation reports /\
  deviation (map (fun x => brier x false) reports) = (low + high) * deviation reports.
Proof.
  intros low high reports ordered bounded some two; rewrite Forall_forall in two; split.
  - rewrite (map_ext_in _ (fun x => low * high - 1 + (2 - low - high) * x)).
    + rewrite deviation_affine, Rabs_right by (assumption || lra); reflexivity.
    + intros x member; destruct (two x member) as [-> | ->]; unfold brier, indicator; ring.
  - rewrite (map_ext_in _ (fun x => low * high + - (low + high) * x)).
    + rewrite deviation_affine, Rabs_left by (assumption || lra); ring.
    + intros x member; destruct (two x member) as [-> | ->]; unfold brier, indicator; ring.
Qed.

(** Groups of any size, the others' reports [low] or [high]: the best reply combines the odds of [p] and of their middle. *)
Theorem left_out_shared_best_report : forall p low high reports q, 0 < p < 1 -> 0 <= low < high -> high <= 1 ->
  Forall (fun x => x = low \/ x = high) reports -> 0 < deviation reports ->
  let best := combined_odds p ((low + high) / 2) in
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

(** The best reply is farther towards the likelier outcome than the others, wherever they are: for p <> 1/2 no report
    between 0 and 1 is stable, and a population around the truth, m = p, leaves it. *)
Theorem left_out_shared_no_interior_report_is_stable : forall p m, 0 < p < 1 -> 0 < m < 1 ->
  (p < / 2 -> combined_odds p m < m) /\ (/ 2 < p -> m < combined_odds p m).
Proof.
  intros p m inside middle; pose proof (combined_odds_defined p m inside middle) as total.
  assert (combined_odds p m * (p * m + (1 - p) * (1 - m)) = p * m) as definition by (unfold combined_odds; field; lra).
  assert (0 < m * (1 - m)) by nra; split; intros side; apply Rmult_lt_reg_r with (1 := total); rewrite definition; nra.
Qed.

(** p = 7/10, the others state 6/10 and 8/10: 49/58 = .845 earns more than the truth. *)
Theorem left_out_shared_counterexample :
  left_out_shared deviation brier (7 / 10) [6 / 10; 8 / 10] (7 / 10)
  < left_out_shared deviation brier (7 / 10) [6 / 10; 8 / 10] (49 / 58).
Proof.
  replace (49 / 58) with (combined_odds (7 / 10) ((6 / 10 + 8 / 10) / 2)) by (unfold combined_odds; field).
  apply left_out_shared_best_report; try lra; [| rewrite deviation_pair, Rabs_left; lra | unfold combined_odds; lra].
  apply Forall_cons; [auto | apply Forall_cons; [auto | apply Forall_nil]].
Qed.
