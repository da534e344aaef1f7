(** * Groups that are all right or all wrong are dropped

    Some trainers drop every group whose outcomes agree, since correctness alone gives it no advantage. Outcomes are
    independent, each right with probability [p]; the advantage is the reward minus the group's mean, and the other
    rollouts may report whatever they like. Then a rollout is paid for the probability of being right *in a mixed group*,

      (p - p^G) / (1 - p^G - (1 - p)^G),

    and that is the only best report of a strictly proper rule: closer to 1/2 than [p] is, and 1/2 itself for pairs. *)

From Coq Require Import Reals Lra Psatz List Arith Bool.
From ScoringTheory Require Import Definitions JointOptimality Brier Normalised Pieces SmallSpread.
Import ListNotations.
Open Scope R_scope.

Definition rewards_of (r : reward) (reports : list R) (cs : list bool) : list R :=
  map (fun '(q, c) => r q c) (combine reports cs).

(** 1 if some rollout's outcome differs from [own], else 0. *)
Definition mixed (own : bool) (others : list bool) : R := 1 - agree own others.

(** The advantage of the report [q] with the outcome [own]: reward minus group mean in a mixed group, else nothing. *)
Definition filtered_advantage (r : reward) (reports : list R) (q : R) (own : bool) (others : list bool) : R :=
  mixed own others * (r q own - mean (r q own :: rewards_of r reports others)).

(** Its expectation, over the own outcome and those of the others, who state [reports]. *)
Definition filtered (r : reward) (p : R) (reports : list R) (q : R) : R :=
  p * outcomes (length reports) p (filtered_advantage r reports q true)
  + (1 - p) * outcomes (length reports) p (filtered_advantage r reports q false).

(** P(right | mixed group). *)
Definition right_given_mixed (G : nat) (p : R) : R := (p - p ^ G) / (1 - p ^ G - (1 - p) ^ G).

(** ** Sums of powers *)

Lemma pow_decreasing_in_n : forall p n, 0 < p < 1 -> (1 <= n)%nat -> 0 < p ^ n /\ p ^ n <= p.
Proof.
  intros p n inside; induction n as [| [| n] induction]; intros enough; [lia | simpl; lra |].
  destruct induction as [positive below]; [lia |]; change (p ^ S (S n)) with (p * p ^ S n); nra.
Qed.

Lemma mixed_possible : forall n p, 0 < p < 1 -> (1 <= n)%nat -> 0 < 1 - p ^ S n - (1 - p) ^ S n.
Proof.
  intros n p inside enough.
  destruct (pow_decreasing_in_n p n inside enough); destruct (pow_decreasing_in_n (1 - p) n ltac:(lra) enough).
  simpl pow; nra.
Qed.

Lemma mixed_probability : forall n p own, outcomes n p (mixed own) = 1 - (if own then p else 1 - p) ^ n.
Proof.
  intros n p own; rewrite <- agree_probability; unfold mixed.
  assert (outcomes n p (fun _ => 1) = 1) as whole
    by (clear; induction n as [| n induction]; simpl; [reflexivity | rewrite !induction; ring]).
  rewrite (outcomes_ext n p _ (fun cs => 1 * 1 + -1 * agree own cs)) by (intros; ring).
  rewrite outcomes_linear, whole; unfold agree; ring.
Qed.

(** ** The best report *)

Lemma group_mean : forall x ys, mean (x :: ys) = (x + fold_right Rplus 0 ys) / INR (S (length ys)).
Proof. reflexivity. Qed.

(** A report is worth its expected reward at P(right | mixed group), whatever the others state. *)
Theorem filter_pays_for_mixed_groups : forall r p reports q q', 0 < p < 1 -> reports <> [] ->
  let G := S (length reports) in
  filtered r p reports q - filtered r p reports q'
  = INR (length reports) / INR G * (1 - p ^ G - (1 - p) ^ G)
    * (expected_reward r (right_given_mixed G p) q - expected_reward r (right_given_mixed G p) q').
Proof.
  intros r p reports q q' inside some; cbv zeta; set (n := length reports); set (G := S n).
  assert (1 <= n)%nat as enough by (unfold n; destruct reports; simpl; [congruence | lia]).
  pose proof (mixed_possible n p inside enough) as positive.
  assert (0 < INR n) as n_positive by (apply lt_0_INR; lia).
  assert (INR G = INR n + 1) as size by (unfold G; apply S_INR).
  assert (forall own x y, outcomes n p (filtered_advantage r reports x own) - outcomes n p (filtered_advantage r reports y own)
    = INR n / INR G * (1 - (if own then p else 1 - p) ^ n) * (r x own - r y own)) as moved.
  { intros own x y; rewrite <- mixed_probability.
    replace (outcomes n p (filtered_advantage r reports x own) - outcomes n p (filtered_advantage r reports y own)) with
      (1 * outcomes n p (filtered_advantage r reports x own) + -1 * outcomes n p (filtered_advantage r reports y own)) by ring.
    rewrite <- outcomes_linear.
    rewrite (outcomes_ext n p _ (fun cs => INR n / INR G * (r x own - r y own) * mixed own cs + 0 * 0)).
    - rewrite outcomes_linear; unfold mixed; ring.
    - intros cs same; unfold filtered_advantage; rewrite !group_mean.
      assert (length (rewards_of r reports cs) = n) as as_many
        by (unfold rewards_of; rewrite map_length, combine_length, same; unfold n; lia).
      rewrite as_many; fold G; rewrite size; field; lra. }
  unfold filtered; fold n.
  replace (p * outcomes n p (filtered_advantage r reports q true)
      + (1 - p) * outcomes n p (filtered_advantage r reports q false)
      - (p * outcomes n p (filtered_advantage r reports q' true)
      + (1 - p) * outcomes n p (filtered_advantage r reports q' false))) with
    (p * (outcomes n p (filtered_advantage r reports q true) - outcomes n p (filtered_advantage r reports q' true))
     + (1 - p) * (outcomes n p (filtered_advantage r reports q false)
       - outcomes n p (filtered_advantage r reports q' false))) by ring.
  rewrite !moved; unfold expected_reward, right_given_mixed, G in *; simpl pow in *; field; lra.
Qed.

Lemma right_given_mixed_probability : forall n p, 0 < p < 1 -> (1 <= n)%nat -> probability (right_given_mixed (S n) p).
Proof.
  intros n p inside enough; pose proof (mixed_possible n p inside enough) as positive.
  destruct (pow_decreasing_in_n p (S n) inside ltac:(lia)); destruct (pow_decreasing_in_n (1 - p) (S n) ltac:(lra) ltac:(lia)).
  assert (right_given_mixed (S n) p * (1 - p ^ S n - (1 - p) ^ S n) = p - p ^ S n) by (unfold right_given_mixed; field; lra).
  unfold probability; nra.
Qed.

(** It is the conditional probability that it is called. *)
Theorem right_given_mixed_is_conditional : forall n p, 0 < p < 1 -> (1 <= n)%nat ->
  right_given_mixed (S n) p
  = p * outcomes n p (mixed true) / (p * outcomes n p (mixed true) + (1 - p) * outcomes n p (mixed false)).
Proof.
  intros n p inside enough; pose proof (mixed_possible n p inside enough) as positive; simpl pow in positive.
  rewrite !mixed_probability; unfold right_given_mixed; simpl pow; f_equal; ring.
Qed.

Theorem filter_best_report : forall r p reports q, strictly_proper r -> 0 < p < 1 -> reports <> [] -> probability q ->
  let best := right_given_mixed (S (length reports)) p in
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

(** ** Where it lies *)

(** Pairs that disagree say nothing about [p]. *)
Theorem right_given_mixed_pairs : forall p, 0 < p < 1 -> right_given_mixed 2 p = / 2.
Proof. intros p inside; unfold right_given_mixed; field; nra. Qed.

Theorem right_given_mixed_triples : forall p, 0 < p < 1 -> right_given_mixed 3 p = (1 + p) / 3.
Proof. intros p inside; unfold right_given_mixed; field; nra. Qed.

Theorem right_given_mixed_half : forall G, (2 <= G)%nat -> right_given_mixed G (/ 2) = / 2.
Proof.
  intros [| [| n]] enough; try lia; pose proof (mixed_possible (S n) (/ 2) ltac:(lra) ltac:(lia)) as positive.
  unfold right_given_mixed; replace (1 - / 2) with (/ 2) in * by lra; field; lra.
Qed.

(** x - x^G = x (1 - x) (1 + x + ... + x^(G - 2)). *)
Lemma powers_summed : forall x n, x - x ^ S (S n) = x * (1 - x) * sum_f_R0 (fun k => x ^ k) n.
Proof.
  intros x n; induction n as [| n induction]; [simpl; ring |].
  rewrite tech5, Rmult_plus_distr_l, <- induction; simpl; ring.
Qed.

Lemma sums_increase : forall x y n, 0 < x < y -> sum_f_R0 (fun k => x ^ k) (S n) < sum_f_R0 (fun k => y ^ k) (S n).
Proof.
  intros x y n ordered; induction n as [| n induction]; [simpl; lra |].
  rewrite (tech5 (fun k => x ^ k)), (tech5 (fun k => y ^ k)).
  pose proof (pow_strictly_increasing x y (S n) ltac:(lra)); lra.
Qed.

Lemma right_given_mixed_above : forall n p, 0 < p < / 2 -> p < right_given_mixed (S (S (S n))) p < / 2.
Proof.
  intros n p inside; pose proof (mixed_possible (S (S n)) p ltac:(lra) ltac:(lia)) as positive.
  pose proof (powers_summed p (S n)) as low; pose proof (powers_summed (1 - p) (S n)) as high.
  pose proof (sums_increase p (1 - p) n ltac:(lra)) as more.
  pose proof (pow_strictly_increasing p (1 - p) (S n) ltac:(lra)) as powers.
  set (best := right_given_mixed (S (S (S n))) p).
  assert (best * (1 - p ^ S (S (S n)) - (1 - p) ^ S (S (S n))) = p - p ^ S (S (S n))) as definition
    by (unfold best, right_given_mixed; field; lra).
  split.
  - apply Rmult_lt_reg_r with (1 := positive); rewrite definition.
    change (p ^ S (S (S n))) with (p * p ^ S (S n)); change ((1 - p) ^ S (S (S n))) with ((1 - p) * (1 - p) ^ S (S n)).
    assert (0 < p * (1 - p) * ((1 - p) ^ S (S n) - p ^ S (S n))) by (repeat apply Rmult_lt_0_compat; lra); nra.
  - apply Rmult_lt_reg_r with (1 := positive); rewrite definition.
    assert (0 < p * (1 - p) * (sum_f_R0 (fun k => (1 - p) ^ k) (S n) - sum_f_R0 (fun k => p ^ k) (S n)))
      by (repeat apply Rmult_lt_0_compat; lra).
    replace (1 - (1 - p)) with p in high by ring; lra.
Qed.

Lemma right_given_mixed_mirrored : forall n p, 0 < p < 1 -> (1 <= n)%nat ->
  right_given_mixed (S n) (1 - p) = 1 - right_given_mixed (S n) p.
Proof.
  intros n p inside enough; pose proof (mixed_possible n p inside enough) as positive.
  unfold right_given_mixed; replace (1 - (1 - p)) with p by ring; field; lra.
Qed.

(** From three rollouts on it lies strictly between [p] and 1/2, on either side. *)
Corollary right_given_mixed_between : forall G p, (3 <= G)%nat -> 0 < p < 1 -> p <> / 2 ->
  (p < / 2 -> p < right_given_mixed G p < / 2) /\ (/ 2 < p -> / 2 < right_given_mixed G p < p).
Proof.
  intros [| [| [| n]]] p enough inside uneven; try lia; split; intros side; [apply right_given_mixed_above; lra |].
  pose proof (right_given_mixed_above n (1 - p) ltac:(lra)) as mirrored.
  rewrite right_given_mixed_mirrored in mirrored by (assumption || lia); lra.
Qed.

(** So the filter makes every strictly proper rule improper: the honest report is not the best one. *)
Corollary filter_is_improper : forall r p reports, strictly_proper r -> 0 < p < 1 -> p <> / 2 -> reports <> [] ->
  filtered r p reports p < filtered r p reports (right_given_mixed (S (length reports)) p).
Proof.
  intros r p reports strict inside uneven some; apply filter_best_report; auto; [unfold probability; lra |].
  destruct reports as [| x [| y reports]]; [congruence | simpl length; rewrite right_given_mixed_pairs; assumption |].
  destruct (right_given_mixed_between (S (length (x :: y :: reports))) p ltac:(simpl; lia) inside uneven) as [below above].
  destruct (Rlt_le_dec p (/ 2)); [specialize (below ltac:(lra)) | specialize (above ltac:(lra))]; lra.
Qed.
