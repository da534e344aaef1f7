(** * Independent outcomes: what the group's standard deviation follows when reports hardly differ

    Every rollout of a group is correct with probability [p], independently. One rollout reports [q], the [n] others
    report [q0], and the advantage is (reward - group mean) / group standard deviation. Where the group is mixed, a
    small deviation moves the advantage a little; where it agrees, all correct or all wrong, the deviant is the only
    one that differs and the division blows its difference up to sqrt n, however small it was. So as q tends to q0 the
    expected advantage does not tend to 0 but to

      sqrt (G - 1) (p^G - (1 - p)^G),   G = n + 1,

    with the sign of q - q0: the linear rule again, and no group size is large enough. *)

From Coq Require Import Reals Lra Psatz List Arith Bool.
From ScoringTheory Require Import Definitions JointOptimality Brier Normalised Pieces.
Import ListNotations.
Open Scope R_scope.

(** The expectation over [n] independent outcomes, each correct with probability [p]. *)
Fixpoint outcomes (n : nat) (p : R) (h : list bool -> R) : R :=
  match n with
  | O => h []
  | S k => p * outcomes k p (fun cs => h (true :: cs)) + (1 - p) * outcomes k p (fun cs => h (false :: cs))
  end.

(** The advantage of the deviant, with its own outcome and those of the others. *)
Definition deviant_advantage (r : reward) (q0 q : R) (own : bool) (others : list bool) : R :=
  standardised (r q own :: map (r q0) others) (r q own).

Definition independent_advantage (r : reward) (p : R) (n : nat) (q0 q : R) : R :=
  p * outcomes n p (deviant_advantage r q0 q true) + (1 - p) * outcomes n p (deviant_advantage r q0 q false).

(** ** The expectation *)

Lemma Rabs_within : forall x bound, Rabs x <= bound -> - bound <= x <= bound.
Proof. intros x bound close; unfold Rabs in close; destruct (Rcase_abs x); lra. Qed.

Lemma outcomes_ext : forall n p h k, (forall cs, length cs = n -> h cs = k cs) -> outcomes n p h = outcomes n p k.
Proof.
  induction n as [| n induction]; intros p h k same; simpl; [apply same; reflexivity |].
  f_equal; f_equal; apply induction; intros cs size; apply same; simpl; congruence.
Qed.

Lemma outcomes_linear : forall n p x y h k,
  outcomes n p (fun cs => x * h cs + y * k cs) = x * outcomes n p h + y * outcomes n p k.
Proof. induction n as [| n induction]; intros; simpl; [ring | rewrite !induction; ring]. Qed.

Lemma outcomes_close : forall n p h bound, probability p ->
  (forall cs, length cs = n -> Rabs (h cs) <= bound) -> Rabs (outcomes n p h) <= bound.
Proof.
  induction n as [| n induction]; intros p h bound p01 close; simpl; [apply close; reflexivity |].
  pose proof (induction p (fun cs => h (true :: cs)) bound p01 ltac:(intros; apply close; simpl; congruence)) as right.
  pose proof (induction p (fun cs => h (false :: cs)) bound p01 ltac:(intros; apply close; simpl; congruence)) as wrong.
  unfold probability in p01; apply Rabs_le; apply Rabs_within in right; apply Rabs_within in wrong; nra.
Qed.

(** ** Counting *)

Fixpoint matching (c : bool) (cs : list bool) : nat :=
  match cs with [] => O | o :: rest => if eqb c o then S (matching c rest) else matching c rest end.

Lemma matching_at_most : forall c cs, (matching c cs <= length cs)%nat.
Proof. intros c cs; induction cs as [| o rest induction]; simpl; [lia | destruct (eqb c o); lia]. Qed.

Lemma matching_both : forall cs, (matching true cs + matching false cs = length cs)%nat.
Proof. induction cs as [| [] rest induction]; simpl; lia. Qed.

(** Of M correct rollouts out of S n, a given one is correct with probability M / S n. *)
Lemma first_of_correct : forall n p h,
  outcomes (S n) p (fun cs => INR (matching true cs) * h (matching true cs))
  = INR (S n) * (p * outcomes n p (fun cs => h (S (matching true cs)))).
Proof.
  induction n as [| n induction]; intros p h; [simpl; ring |].
  change (outcomes (S (S n)) p (fun cs => INR (matching true cs) * h (matching true cs))) with
    (p * outcomes (S n) p (fun cs => INR (S (matching true cs)) * h (S (matching true cs)))
     + (1 - p) * outcomes (S n) p (fun cs => INR (matching true cs) * h (matching true cs))).
  rewrite (outcomes_ext (S n) p _ (fun cs => 1 * h (S (matching true cs))
    + 1 * (INR (matching true cs) * h (S (matching true cs))))) by (intros; rewrite S_INR; ring).
  rewrite outcomes_linear, (induction p (fun k => h (S k))), induction, (S_INR (S n)); simpl outcomes; ring.
Qed.

Lemma first_of_wrong : forall n p h,
  outcomes (S n) p (fun cs => (INR (S n) - INR (matching true cs)) * h (matching true cs))
  = INR (S n) * ((1 - p) * outcomes n p (fun cs => h (matching true cs))).
Proof.
  intros n p h.
  rewrite (outcomes_ext (S n) p _ (fun cs => INR (S n) * h (matching true cs)
    + -1 * (INR (matching true cs) * h (matching true cs)))) by (intros; ring).
  rewrite outcomes_linear, first_of_correct; simpl outcomes; ring.
Qed.

Definition agree (c : bool) (cs : list bool) : R := if Nat.eq_dec (matching c cs) (length cs) then 1 else 0.

Lemma agree_cons : forall c o cs, agree c (o :: cs) = if eqb c o then agree c cs else 0.
Proof.
  intros c o cs; unfold agree; pose proof (matching_at_most c cs); simpl.
  destruct (eqb c o), (Nat.eq_dec _ (S (length cs))), (Nat.eq_dec (matching c cs) (length cs)); reflexivity || lia.
Qed.

Lemma all_wrong_are_alike : forall n p, outcomes n p (fun _ => 0) = 0.
Proof. induction n as [| n induction]; intros; simpl; [reflexivity | rewrite !induction; ring]. Qed.

Lemma agree_probability : forall n p c, outcomes n p (agree c) = (if c then p else 1 - p) ^ n.
Proof.
  induction n as [| n induction]; intros p c; [unfold agree; simpl; destruct c; reflexivity |]; simpl.
  rewrite (outcomes_ext n p (fun cs => agree c (true :: cs)) (fun cs => if eqb c true then agree c cs else 0)),
    (outcomes_ext n p (fun cs => agree c (false :: cs)) (fun cs => if eqb c false then agree c cs else 0))
    by (intros; apply agree_cons).
  destruct c; simpl; rewrite all_wrong_are_alike; fold (agree true) (agree false);
    [change (outcomes n p (fun cs => agree true cs)) with (outcomes n p (agree true))
    | change (outcomes n p (fun cs => agree false cs)) with (outcomes n p (agree false))];
    rewrite induction; ring.
Qed.

(** ** One rollout among others of two values *)

Lemma sum_two_valued : forall (value : bool -> R) (f : R -> R) c cs,
  fold_right Rplus 0 (map f (map value cs))
  = INR (matching c cs) * f (value c) + (INR (length cs) - INR (matching c cs)) * f (value (negb c)).
Proof.
  intros value f c cs; induction cs as [| o rest induction]; [simpl; ring |].
  cbn [map fold_right length matching]; rewrite induction.
  destruct c, o; cbn [eqb negb]; rewrite ?S_INR; ring.
Qed.

(** t / sqrt (w + t^2): the sign of [t] where w = 0, and smooth where w > 0. *)
Definition softsign (w t : R) : R := t / sqrt (w + t ^ 2).

(** The squared spread of the others: J of the n have one value, the rest another at distance [gap]. *)
Definition others_spread (n J gap : R) : R := J * (n - J) * (n + 1) / n ^ 2 * gap ^ 2.

Lemma standardised_among_two : forall (value : bool -> R) c cs x, cs <> [] ->
  let n := INR (length cs) in let J := INR (matching c cs) in
  standardised (x :: map value cs) x = sqrt n *
  softsign (others_spread n J (value c - value (negb c))) (x - (J * value c + (n - J) * value (negb c)) / n).
Proof.
  intros value c cs x some n J.
  assert (1 <= n) as n_positive.
  { unfold n; destruct cs; [congruence |]; simpl length; rewrite S_INR; pose proof (pos_INR (length cs)); lra. }
  set (m := (J * value c + (n - J) * value (negb c)) / n).
  set (w := others_spread n J (value c - value (negb c))).
  assert (mean (x :: map value cs) = x - n * (x - m) / (n + 1)) as centre.
  { unfold mean; cbn [fold_right length]; rewrite <- (map_id (map value cs)) at 1.
    rewrite (sum_two_valued value (fun y => y) c), map_length, S_INR; fold n J; unfold m; field; lra. }
  assert (deviation (x :: map value cs) = sqrt n * sqrt (w + (x - m) ^ 2) / (n + 1)) as scale.
  { unfold deviation; rewrite centre; unfold mean; cbn [map fold_right length].
    rewrite (sum_two_valued value (fun y => (y - (x - n * (x - m) / (n + 1))) ^ 2) c), !map_length, S_INR; fold n J.
    rewrite <- sqrt_mult_alt by lra.
    replace (sqrt (n * (w + (x - m) ^ 2)) / (n + 1))
      with (sqrt (n * (w + (x - m) ^ 2)) / sqrt ((n + 1) ^ 2)) by (rewrite sqrt_pow2 by lra; reflexivity).
    rewrite <- sqrt_div_alt by nra; f_equal; unfold w, m, others_spread; field; lra. }
  unfold standardised, softsign; rewrite centre, scale.
  assert (0 < sqrt n) by (apply sqrt_lt_R0; lra).
  assert (n = sqrt n * sqrt n) as root by (symmetry; apply sqrt_sqrt; lra).
  destruct (Req_dec (sqrt (w + (x - m) ^ 2)) 0) as [flat | steep].
  - rewrite flat, Rmult_0_r; unfold Rdiv; rewrite Rmult_0_l, Rinv_0; ring.
  - rewrite root at 1; field; lra.
Qed.

(** ** Softsign *)

Lemma softsign_at_0 : forall t, t <> 0 -> softsign 0 t = t / Rabs t.
Proof. intros t nonzero; unfold softsign; rewrite Rplus_0_l, <- Rsqr_pow2, sqrt_Rsqr_abs; reflexivity. Qed.

Lemma softsign_positive : forall t, 0 < t -> softsign 0 t = 1.
Proof. intros t positive; rewrite softsign_at_0, Rabs_right by lra; field; lra. Qed.

Lemma softsign_negative : forall t, t < 0 -> softsign 0 t = -1.
Proof. intros t negative; rewrite softsign_at_0, Rabs_left by lra; field; lra. Qed.

(** It is steepest at 0, where its slope is 1 / sqrt w. *)
Lemma softsign_lipschitz : forall v y z, 0 < v -> Rabs (softsign (v ^ 2) y - softsign (v ^ 2) z) <= Rabs (y - z) / v.
Proof.
  intros v y z positive; unfold softsign.
  set (s := sqrt (v ^ 2 + y ^ 2)); set (t := sqrt (v ^ 2 + z ^ 2)).
  assert (s * s = v ^ 2 + y ^ 2) as s_squared by (apply sqrt_sqrt; nra).
  assert (t * t = v ^ 2 + z ^ 2) as t_squared by (apply sqrt_sqrt; nra).
  assert (0 <= s) by apply sqrt_pos; assert (0 <= t) by apply sqrt_pos.
  assert (v <= s) by nra; assert (v <= t) by nra.
  assert (v * v <= s * t) by nra.
  assert (- (y * z) <= s * t - v ^ 2 /\ y * z <= s * t - v ^ 2) as [low high].
  { assert ((y * z) ^ 2 <= (s * t - v ^ 2) ^ 2).
    { replace ((y * z) ^ 2) with ((s * s - v ^ 2) * (t * t - v ^ 2)) by (rewrite s_squared, t_squared; ring).
      pose proof (Rmult_le_pos _ _ (pow2_ge_0 v) (pow2_ge_0 (s - t))); nra. }
    assert (Rabs (y * z) <= s * t - v ^ 2) as within.
    { apply Rsqr_incr_0_var; [rewrite <- Rsqr_abs; unfold Rsqr; lra | nra]. }
    apply Rabs_within in within; lra. }
  replace (y / s - z / t) with ((y - z) * ((s * t - y * z + v ^ 2) / (s * t * (s + t)))).
  - rewrite Rabs_mult; unfold Rdiv at 2; apply Rmult_le_compat_l; [apply Rabs_pos |].
    assert (0 < s * t * (s + t)) by (repeat apply Rmult_lt_0_compat; lra).
    rewrite Rabs_right.
    + apply Rmult_le_reg_r with (s * t * (s + t)); [assumption |].
      unfold Rdiv; rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
      apply Rmult_le_reg_l with v; [assumption |].
      rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l by lra.
      assert (v * (s * t - y * z + v ^ 2) <= v * (2 * (s * t))) by (apply Rmult_le_compat_l; lra).
      assert (s * t * (2 * v) <= s * t * (s + t)) by (apply Rmult_le_compat_l; nra); lra.
    + apply Rle_ge; unfold Rdiv; apply Rmult_le_pos; [nra | left; apply Rinv_0_lt_compat; assumption].
  - apply Rmult_eq_reg_r with (s * t * (s + t)); [| apply Rgt_not_eq; repeat apply Rmult_lt_0_compat; lra].
    transitivity ((y - z) * (s * t - y * z + v ^ 2)); [field; repeat split; lra |].
    transitivity ((y * t - z * s) * (s + t)); [| field; split; lra].
    replace ((y * t - z * s) * (s + t)) with (y * (s * t) + y * (t * t) - z * (s * s) - z * (s * t)) by ring.
    rewrite s_squared, t_squared; ring.
Qed.

(** ** Nobody deviates: the advantages of a group add up to 0, and every rollout expects the same *)

Definition count_mean (value : bool -> R) (size M : nat) : R :=
  (INR M * value true + (INR size - INR M) * value false) / INR size.

Definition count_advantage (value : bool -> R) (size : nat) (own : bool) (M : nat) : R :=
  let m := count_mean value size M in
  (value own - m) / sqrt ((INR M * (value true - m) ^ 2 + (INR size - INR M) * (value false - m) ^ 2) / INR size).

Lemma standardised_by_count : forall value own cs,
  standardised (map value cs) (value own) = count_advantage value (length cs) own (matching true cs).
Proof.
  intros value own cs; unfold standardised, count_advantage.
  assert (mean (map value cs) = count_mean value (length cs) (matching true cs)) as centre.
  { unfold mean, count_mean; rewrite map_length, <- (map_id (map value cs)).
    rewrite (sum_two_valued value (fun y => y) true); reflexivity. }
  rewrite centre; unfold deviation, mean at 1; rewrite centre, !map_length.
  rewrite (sum_two_valued value (fun y => (y - _) ^ 2) true); reflexivity.
Qed.

Theorem no_deviation_no_advantage : forall r p n q0, independent_advantage r p n q0 q0 = 0.
Proof.
  intros r p n q0; set (value := r q0).
  assert (forall own, outcomes n p (deviant_advantage r q0 q0 own)
    = outcomes n p (fun cs => count_advantage value (S n) own (matching true (own :: cs)))) as count.
  { intros own; apply outcomes_ext; intros cs size; unfold deviant_advantage; fold value.
    change (value own :: map value cs) with (map value (own :: cs)).
    rewrite standardised_by_count; simpl length; rewrite size; reflexivity. }
  unfold independent_advantage; rewrite !count; cbn [matching eqb].
  assert (0 < INR (S n)) as positive by (apply lt_0_INR; lia).
  apply Rmult_eq_reg_l with (INR (S n)); [| lra]; rewrite Rmult_0_r, Rmult_plus_distr_l.
  rewrite <- (first_of_correct n p (count_advantage value (S n) true)).
  rewrite <- (first_of_wrong n p (count_advantage value (S n) false)).
  rewrite <- (Rmult_1_l (outcomes (S n) p (fun cs => INR _ * _))), <- (Rmult_1_l (outcomes (S n) p (fun cs => (_ - _) * _))).
  rewrite <- outcomes_linear, <- (all_wrong_are_alike (S n) p); apply outcomes_ext; intros cs _.
  unfold count_advantage; set (m := count_mean value (S n) (matching true cs)); unfold Rdiv.
  transitivity ((INR (matching true cs) * value true + (INR (S n) - INR (matching true cs)) * value false - INR (S n) * m)
    * / sqrt ((INR (matching true cs) * (value true - m) ^ 2
      + (INR (S n) - INR (matching true cs)) * (value false - m) ^ 2) * / INR (S n))); [ring |].
  unfold m at 1, count_mean; replace (_ - INR (S n) * _) with 0 by (field; lra); ring.
Qed.

(** ** One deviates *)

Section Deviation.

Context {r : reward} {q0 q side gap : R}.
Hypothesis one_side : side = 1 \/ side = -1.
Hypothesis gap_is : gap = Rabs (r q0 true - r q0 false).

Lemma same_sign : forall y z x, Rabs (x - y) < Rabs (y - z) -> softsign 0 (x - z) = softsign 0 (y - z).
Proof.
  intros y z x small; apply Rabs_def2 in small; unfold Rabs in small; destruct (Rcase_abs (y - z)).
  - rewrite !softsign_negative; lra.
  - destruct (Req_dec y z); [| rewrite !softsign_positive]; lra.
Qed.

(** Groups that do not agree move little; those that agree move by the whole of sqrt n. *)
Lemma deviation_in_group : forall own others sign, sign = 1 \/ sign = -1 -> others <> [] ->
  Rabs (r q own - r q0 own) < gap -> 0 < sign * (r q own - r q0 own) ->
  Rabs (deviant_advantage r q0 q own others - deviant_advantage r q0 q0 own others
    - sign * sqrt (INR (length others)) * agree own others)
  <= 2 * sqrt (INR (length others)) / gap * Rabs (r q own - r q0 own).
Proof.
  intros own others sign sign_is some small moved; unfold deviant_advantage.
  rewrite !(standardised_among_two (r q0) own others) by assumption.
  set (y := r q0 own) in *; set (z := r q0 (negb own)); set (x := r q own) in *.
  assert (Rabs (y - z) = gap) as apart.
  { rewrite gap_is; unfold y, z; destruct own; simpl; [reflexivity | apply Rabs_minus_sym]. }
  set (J := matching own others) in *; pose proof (matching_at_most own others) as bounded; fold J in bounded.
  assert (1 <= length others)%nat by (destruct others; simpl; [congruence | lia]).
  set (size := length others) in *.
  assert (1 <= INR size) by (apply (le_INR 1); assumption).
  assert (0 < sqrt (INR size)) as root by (apply sqrt_lt_R0; lra).
  pose proof (Rabs_pos (x - y)).
  assert (0 < gap) by lra.
  assert (0 <= 2 * sqrt (INR size) / gap * Rabs (x - y)) as room.
  { apply Rmult_le_pos; [| assumption]; apply Rmult_le_pos; [lra | left; apply Rinv_0_lt_compat; assumption]. }
  unfold agree; fold J size; destruct (Nat.eq_dec J size) as [all | mixed].
  - rewrite all; replace (others_spread (INR size) (INR size) (y - z)) with 0 by (unfold others_spread, Rdiv; ring).
    replace ((INR size * y + (INR size - INR size) * z) / INR size) with y by (field; lra).
    replace (softsign 0 (y - y)) with 0 by (unfold softsign, Rdiv; ring).
    replace (softsign 0 (x - y)) with sign; [match goal with |- Rabs ?e <= _ => replace e with 0 by ring end; rewrite Rabs_R0; assumption |].
    destruct sign_is as [-> | ->]; [rewrite softsign_positive | rewrite softsign_negative]; lra.
  - rewrite Rmult_0_r, Rminus_0_r, <- Rmult_minus_distr_l, Rabs_mult, (Rabs_right (sqrt _)) by lra.
    destruct (Nat.eq_dec J 0) as [none | few].
    + rewrite none; replace (others_spread (INR size) (INR 0) (y - z)) with 0
        by (unfold others_spread, Rdiv; simpl INR; ring).
      replace ((INR 0 * y + (INR size - INR 0) * z) / INR size) with z by (simpl INR; field; lra).
      rewrite (same_sign y z x), Rminus_eq_0, Rabs_R0, Rmult_0_r by lra; assumption.
    + assert (1 <= INR J) by (apply (le_INR 1); lia).
      assert (INR J <= INR size - 1) by (pose proof (le_INR (S J) size ltac:(lia)) as below; rewrite S_INR in below; lra).
      set (w := others_spread (INR size) (INR J) (y - z)).
      assert ((gap / 2) ^ 2 <= w) as wide.
      { unfold w, others_spread; replace ((y - z) ^ 2) with (gap ^ 2) by (rewrite <- apart, pow2_abs; reflexivity).
        apply Rmult_le_reg_r with (INR size ^ 2); [nra |].
        replace (INR J * (INR size - INR J) * (INR size + 1) / INR size ^ 2 * gap ^ 2 * INR size ^ 2)
          with (INR J * (INR size - INR J) * (INR size + 1) * gap ^ 2) by (field; lra).
        assert (INR size - 1 <= INR J * (INR size - INR J)) by nra.
        assert (INR size ^ 2 / 4 <= INR J * (INR size - INR J) * (INR size + 1)) by nra.
        pose proof (pow2_ge_0 gap); nra. }
      assert (0 < sqrt w) as positive by (apply sqrt_lt_R0; nra).
      assert (gap / 2 <= sqrt w) as steep.
      { rewrite <- (sqrt_pow2 (gap / 2)) by lra; apply sqrt_le_1_alt; assumption. }
      replace w with (sqrt w ^ 2) at 1 2 by (apply pow2_sqrt; nra).
      set (m := (INR J * y + (INR size - INR J) * z) / INR size).
      pose proof (softsign_lipschitz (sqrt w) (x - m) (y - m) positive) as slow.
      replace (x - m - (y - m)) with (x - y) in slow by ring.
      replace (2 * sqrt (INR size) / gap * Rabs (x - y)) with (sqrt (INR size) * (Rabs (x - y) * (2 / gap)))
        by (field; lra).
      apply Rmult_le_compat_l; [lra |]; apply Rle_trans with (1 := slow).
      apply Rmult_le_compat_l; [assumption |].
      replace (2 / gap) with (/ (gap / 2)) by (field; lra); apply Rinv_le_contravar; lra.
Qed.

(** The bound is explicit: how far the expected advantage is from its limit, in terms of how far the payoffs moved. *)
Theorem independent_advantage_close : forall p n, probability p -> (1 <= n)%nat ->
  Rabs (r q true - r q0 true) < gap -> Rabs (r q false - r q0 false) < gap ->
  0 < side * (r q true - r q0 true) -> 0 < side * (r q0 false - r q false) ->
  Rabs (independent_advantage r p n q0 q - side * (sqrt (INR n) * (p ^ S n - (1 - p) ^ S n)))
  <= 2 * sqrt (INR n) / gap * (p * Rabs (r q true - r q0 true) + (1 - p) * Rabs (r q false - r q0 false)).
Proof.
  intros p n p01 enough small_true small_false moved_true moved_false.
  assert (forall own sign, sign = 1 \/ sign = -1 -> Rabs (r q own - r q0 own) < gap ->
    0 < sign * (r q own - r q0 own) ->
    Rabs (outcomes n p (deviant_advantage r q0 q own) - outcomes n p (deviant_advantage r q0 q0 own)
      - sign * sqrt (INR n) * (if own then p else 1 - p) ^ n)
    <= 2 * sqrt (INR n) / gap * Rabs (r q own - r q0 own)) as part.
  { intros own sign sign_is small moved; rewrite <- agree_probability.
    replace (outcomes n p (deviant_advantage r q0 q own) - outcomes n p (deviant_advantage r q0 q0 own)
      - sign * sqrt (INR n) * outcomes n p (agree own))
      with (outcomes n p (fun cs => 1 * (1 * deviant_advantage r q0 q own cs + -1 * deviant_advantage r q0 q0 own cs)
        + - (sign * sqrt (INR n)) * agree own cs)) by (rewrite !outcomes_linear; ring).
    apply outcomes_close; [assumption |]; intros cs size; rewrite <- size.
    replace (1 * _ + _) with (deviant_advantage r q0 q own cs - deviant_advantage r q0 q0 own cs
      - sign * sqrt (INR (length cs)) * agree own cs) by ring.
    apply deviation_in_group; auto; destruct cs; [simpl in size; lia | congruence]. }
  pose proof (part true side one_side small_true moved_true) as correct.
  pose proof (part false (- side) ltac:(lra) small_false ltac:(lra)) as wrong; clear part.
  pose proof (no_deviation_no_advantage r p n q0) as still; unfold independent_advantage in *.
  unfold probability in p01; simpl pow; apply Rabs_within in correct; apply Rabs_within in wrong.
  set (C := 2 * sqrt (INR n) / gap) in *; set (root := sqrt (INR n)) in *; apply Rabs_le; simpl in correct, wrong.
  set (df := C * Rabs (r q true - r q0 true)) in *; set (dg := C * Rabs (r q false - r q0 false)) in *.
  replace (C * (p * Rabs (r q true - r q0 true) + (1 - p) * Rabs (r q false - r q0 false)))
    with (p * df + (1 - p) * dg) by (unfold df, dg; ring).
  set (E1 := outcomes n p (deviant_advantage r q0 q true)) in *.
  set (E0 := outcomes n p (deviant_advantage r q0 q false)) in *.
  set (N1 := outcomes n p (deviant_advantage r q0 q0 true)) in *.
  set (N0 := outcomes n p (deviant_advantage r q0 q0 false)) in *.
  assert (p * (- df) <= p * (E1 - N1 - side * root * p ^ n) <= p * df) by (split; apply Rmult_le_compat_l; lra).
  assert ((1 - p) * (- dg) <= (1 - p) * (E0 - N0 - - side * root * (1 - p) ^ n) <= (1 - p) * dg)
    by (split; apply Rmult_le_compat_l; lra).
  lra.
Qed.

End Deviation.

(** ** The limit *)

Definition payoffs_continuous (side : R -> R -> Prop) (r : reward) (q0 : R) : Prop :=
  forall correct, limit side (fun q => r q correct) (r q0 correct).

(** [toward q0 s side]: the reports q on the side of q0 that [s] = 1 or -1 names, as near as one likes. *)
Definition toward (q0 s : R) (side : R -> R -> Prop) : Prop :=
  (s = 1 \/ s = -1) /\ approach side /\ forall delta q, side delta q -> 0 < s * (q - q0) < delta.

Lemma toward_right : forall q0, toward q0 1 (right_of q0).
Proof. intros q0; split; [auto | split; [apply approach_right | unfold right_of; intros; lra]]. Qed.

Lemma toward_left : forall q0, toward q0 (-1) (left_of q0).
Proof. intros q0; split; [auto | split; [apply approach_left | unfold left_of; intros; lra]]. Qed.

(** A strictly proper rule pays a higher confidence more when correct, less when wrong. *)
Lemma moved_apart : forall r q0 q s, strictly_proper r -> probability q0 -> probability q -> s = 1 \/ s = -1 ->
  0 < s * (q - q0) -> 0 < s * (r q true - r q0 true) /\ 0 < s * (r q0 false - r q false).
Proof.
  intros r q0 q s strict q0_01 q01 [-> | ->] beyond.
  - destruct (strictly_proper_monotone r strict q0 q); auto; lra.
  - destruct (strictly_proper_monotone r strict q q0); auto; lra.
Qed.

Theorem independent_advantage_limit : forall r p n q0 s side, strictly_proper r -> probability p -> (1 <= n)%nat ->
  0 < q0 < 1 -> r q0 true <> r q0 false -> toward q0 s side -> payoffs_continuous side r q0 ->
  limit side (independent_advantage r p n q0) (s * (sqrt (INR n) * (p ^ S n - (1 - p) ^ S n))).
Proof.
  intros r p n q0 s side strict p01 enough q0_inside apart [s_is [[shrink some] near]] continuous eps positive.
  set (gap := Rabs (r q0 true - r q0 false)).
  assert (0 < gap) by (apply Rabs_pos_lt; lra).
  assert (1 <= INR n) by (apply (le_INR 1); assumption).
  assert (0 < sqrt (INR n)) by (apply sqrt_lt_R0; lra).
  set (C := 2 * sqrt (INR n) / gap).
  assert (0 < C) by (unfold C; apply Rdiv_lt_0_compat; lra).
  set (room := Rmin (gap / 2) (eps / (2 * C))).
  assert (0 < room) by (unfold room; apply Rmin_glb_lt; [lra | apply Rdiv_lt_0_compat; lra]).
  destruct (continuous true room ltac:(assumption)) as [d [d_positive close_true]].
  destruct (continuous false room ltac:(assumption)) as [e [e_positive close_false]].
  set (within := Rmin (Rmin d e) (Rmin q0 (1 - q0))).
  assert (0 < within) by (unfold within; repeat apply Rmin_glb_lt; lra).
  pose proof (Rmin_l (Rmin d e) (Rmin q0 (1 - q0))) as in_de; pose proof (Rmin_r (Rmin d e) (Rmin q0 (1 - q0))) as in_q.
  fold within in in_de, in_q.
  pose proof (Rmin_l d e); pose proof (Rmin_r d e).
  pose proof (Rmin_l q0 (1 - q0)); pose proof (Rmin_r q0 (1 - q0)).
  pose proof (Rmin_l (gap / 2) (eps / (2 * C))) as under_gap; pose proof (Rmin_r (gap / 2) (eps / (2 * C))) as under_eps.
  fold room in under_gap, under_eps.
  exists within; split; [assumption |]; intros q q_near; pose proof (near within q q_near) as beyond.
  assert (probability q) as q01 by (unfold probability; destruct s_is as [-> | ->]; lra).
  assert (probability q0) as q0_01 by (unfold probability; lra).
  destruct (moved_apart r q0 q s strict q0_01 q01 s_is ltac:(lra)) as [moved_true moved_false].
  pose proof (close_true q (shrink within d q ltac:(lra) q_near)) as small_true.
  pose proof (close_false q (shrink within e q ltac:(lra) q_near)) as small_false.
  pose proof (@independent_advantage_close r q0 q s gap s_is eq_refl p n p01 enough ltac:(lra) ltac:(lra)
    moved_true moved_false) as close; fold C in close.
  apply Rle_lt_trans with (1 := close), Rle_lt_trans with (C * room).
  - apply Rmult_le_compat_l; [lra |]; unfold probability in p01; nra.
  - apply Rle_lt_trans with (C * (eps / (2 * C))); [apply Rmult_le_compat_l; lra |].
    replace (C * (eps / (2 * C))) with (eps / 2) by (field; lra); lra.
Qed.

(** ** Where right and wrong are paid alike, the linear rule is exact *)

Lemma alike_in_group : forall r q0 q own others, others <> [] -> r q0 true = r q0 false ->
  deviant_advantage r q0 q own others = sqrt (INR (length others)) * softsign 0 (r q own - r q0 own).
Proof.
  intros r q0 q own others some alike; unfold deviant_advantage.
  assert (1 <= INR (length others)).
  { apply (le_INR 1); destruct others; simpl; [congruence | lia]. }
  assert (r q0 (negb own) = r q0 own) as same by (destruct own; simpl; congruence).
  rewrite (standardised_among_two (r q0) own others) by assumption; rewrite same.
  unfold others_spread; rewrite Rminus_eq_0; f_equal; f_equal; field; lra.
Qed.

Lemma outcomes_constant : forall n p k, outcomes n p (fun _ => k) = k.
Proof. induction n as [| n induction]; intros; simpl; [reflexivity | rewrite !induction; ring]. Qed.

Lemma signs_of_moves : forall (r : reward) q0 q s, s = 1 \/ s = -1 -> 0 < s * (r q true - r q0 true) ->
  0 < s * (r q0 false - r q false) ->
  softsign 0 (r q true - r q0 true) = s /\ softsign 0 (r q false - r q0 false) = - s.
Proof.
  intros r q0 q s [-> | ->] moved_true moved_false; split;
    first [rewrite softsign_positive by lra | rewrite softsign_negative by lra]; lra.
Qed.

Theorem independent_advantage_alike : forall r p n q0 q s, strictly_proper r -> (1 <= n)%nat ->
  probability q0 -> probability q -> s = 1 \/ s = -1 -> 0 < s * (q - q0) -> r q0 true = r q0 false ->
  independent_advantage r p n q0 q = s * (sqrt (INR n) * (2 * p - 1)).
Proof.
  intros r p n q0 q s strict enough q0_01 q01 s_is beyond alike.
  destruct (moved_apart r q0 q s strict q0_01 q01 s_is beyond) as [moved_true moved_false].
  destruct (signs_of_moves r q0 q s s_is moved_true moved_false) as [up down].
  unfold independent_advantage.
  rewrite (outcomes_ext n p _ (fun _ => sqrt (INR n) * softsign 0 (r q true - r q0 true))),
    (outcomes_ext n p (deviant_advantage r q0 q false)
      (fun _ => sqrt (INR n) * softsign 0 (r q false - r q0 false)));
    try (intros cs size; rewrite <- size; apply alike_in_group; [destruct cs; [simpl in size; lia | congruence] | auto]).
  rewrite !outcomes_constant, up, down; ring.
Qed.

(** ** A shared outcome: the linear rule at every distance *)

Theorem shared_deviant_is_linear : forall r p n q0 q s, strictly_proper r -> (1 <= n)%nat ->
  probability q0 -> probability q -> s = 1 \/ s = -1 -> 0 < s * (q - q0) ->
  shared_advantage r p (q :: repeat q0 n) q = s * (sqrt (INR n) * (2 * p - 1)).
Proof.
  intros r p n q0 q s strict enough q0_01 q01 s_is beyond.
  destruct (moved_apart r q0 q s strict q0_01 q01 s_is beyond) as [moved_true moved_false].
  destruct (signs_of_moves r q0 q s s_is moved_true moved_false) as [up down].
  unfold shared_advantage; cbn [map].
  assert (forall own, map (fun x => r x own) (repeat q0 n) = map (r q0) (repeat own n)) as same.
  { intros own; clear; induction n as [| n induction]; simpl; [reflexivity | rewrite induction; reflexivity]. }
  assert (forall own, standardised (r q own :: map (r q0) (repeat own n)) (r q own)
    = sqrt (INR n) * softsign 0 (r q own - r q0 own)) as alone.
  { intros own; assert (1 <= INR n) by (apply (le_INR 1); assumption).
    assert (matching own (repeat own n) = n) as all.
    { clear; induction n as [| n induction]; simpl; [reflexivity | rewrite eqb_reflx, induction; reflexivity]. }
    rewrite (standardised_among_two (r q0) own (repeat own n)) by (destruct n; simpl; [lia | congruence]).
    rewrite repeat_length, all; f_equal; f_equal; unfold others_spread; field; lra. }
  rewrite !same, !alone, up, down; ring.
Qed.

(** ** No report between 0 and 1 is stable, at any group size *)

Lemma pow_strictly_increasing : forall x y n, 0 <= x < y -> x ^ S n < y ^ S n.
Proof.
  intros x y n ordered; induction n as [| n induction]; [simpl; lra |].
  change (x * x ^ S n < y * y ^ S n); assert (0 <= x ^ S n) by (apply pow_le; lra); nra.
Qed.

Theorem no_interior_report_is_stable : forall r p n q0, strictly_proper r -> probability p -> p <> / 2 -> (1 <= n)%nat ->
  0 < q0 < 1 -> payoffs_continuous (right_of q0) r q0 -> payoffs_continuous (left_of q0) r q0 ->
  exists q, probability q /\ (/ 2 < p -> q0 < q) /\ (p < / 2 -> q < q0) /\ 0 < independent_advantage r p n q0 q.
Proof.
  intros r p n q0 strict p01 biased enough q0_inside from_right from_left.
  assert (1 <= INR n) by (apply (le_INR 1); assumption).
  assert (0 < sqrt (INR n)) as root by (apply sqrt_lt_R0; lra).
  assert (exists s side, toward q0 s side /\ payoffs_continuous side r q0 /\ 0 < s * (2 * p - 1)) as
    [s [side [to_side [continuous up]]]].
  { destruct (Rlt_le_dec (/ 2) p).
    - exists 1, (right_of q0); split; [apply toward_right | split; [assumption | lra]].
    - exists (-1), (left_of q0); split; [apply toward_left | split; [assumption | lra]]. }
  destruct to_side as [s_is [[shrink some] near]].
  assert (forall q, 0 < s * (q - q0) -> (/ 2 < p -> q0 < q) /\ (p < / 2 -> q < q0)) as direction.
  { intros q beyond; destruct s_is as [-> | ->]; split; intros; lra. }
  assert (0 < Rmin q0 (1 - q0)) as room by (apply Rmin_glb_lt; lra).
  pose proof (Rmin_l q0 (1 - q0)); pose proof (Rmin_r q0 (1 - q0)).
  destruct (Req_dec (r q0 true) (r q0 false)) as [alike | apart].
  - destruct (some _ room) as [q q_near]; pose proof (near _ q q_near) as beyond.
    assert (probability q) as q01 by (unfold probability; destruct s_is as [-> | ->]; lra).
    exists q; split; [assumption |]; destruct (direction q ltac:(lra)); split; [assumption | split; [assumption |]].
    rewrite (independent_advantage_alike r p n q0 q s) by (auto; unfold probability; lra).
    replace (s * (sqrt (INR n) * (2 * p - 1))) with (sqrt (INR n) * (s * (2 * p - 1))) by ring.
    apply Rmult_lt_0_compat; assumption.
  - pose proof (independent_advantage_limit r p n q0 s side strict p01 enough q0_inside apart
      (conj s_is (conj (conj shrink some) near)) continuous) as tends.
    set (top := s * (sqrt (INR n) * (p ^ S n - (1 - p) ^ S n))) in *.
    assert (0 < top) as top_positive.
    { unfold top, probability in *; destruct s_is as [-> | ->];
        [pose proof (pow_strictly_increasing (1 - p) p n ltac:(lra))
        | pose proof (pow_strictly_increasing p (1 - p) n ltac:(lra))]; nra. }
    destruct (tends top top_positive) as [delta [delta_positive close]].
    destruct (some (Rmin delta (Rmin q0 (1 - q0)))) as [q q_near]; [apply Rmin_glb_lt; assumption |].
    pose proof (near _ q q_near) as beyond.
    pose proof (Rmin_l delta (Rmin q0 (1 - q0))); pose proof (Rmin_r delta (Rmin q0 (1 - q0))).
    exists q; split; [unfold probability; destruct s_is as [-> | ->]; lra |].
    destruct (direction q ltac:(lra)); split; [assumption | split; [assumption |]].
    specialize (close q (shrink (Rmin delta (Rmin q0 (1 - q0))) delta q ltac:(lra) q_near)); apply Rabs_def2 in close; lra.
Qed.

(** ** RLCR *)

Theorem rlcr_independent_advantage : forall p n q0 q, probability p -> (1 <= n)%nat -> 0 < q0 < q -> q <= 1 -> q < 2 * q0 ->
  Rabs (independent_advantage (rlcr 1) p n q0 q - sqrt (INR n) * (p ^ S n - (1 - p) ^ S n))
  <= 2 * sqrt (INR n) * (q - q0) / q0.
Proof.
  intros p n q0 q p01 enough above at_most_1 near.
  assert (rlcr 1 q true - rlcr 1 q0 true = (q - q0) * (2 - q - q0)) as gain
    by (unfold rlcr, with_correctness, brier, indicator; ring).
  assert (rlcr 1 q false - rlcr 1 q0 false = - ((q - q0) * (q + q0))) as loss
    by (unfold rlcr, with_correctness, brier, indicator; ring).
  assert (Rabs (rlcr 1 q0 true - rlcr 1 q0 false) = 2 * q0) as gap.
  { replace (rlcr 1 q0 true - rlcr 1 q0 false) with (2 * q0)
      by (unfold rlcr, with_correctness, brier, indicator; ring); apply Rabs_right; lra. }
  assert (0 < (q - q0) * (2 - q - q0) <= 2 * (q - q0)) as gain_small by nra.
  assert (0 < (q - q0) * (q + q0) <= 2 * (q - q0)) as loss_small by nra.
  pose proof (@independent_advantage_close (rlcr 1) q0 q 1 _ (or_introl eq_refl) eq_refl p n p01 enough) as close.
  rewrite gap, gain, loss, Rabs_Ropp, !Rabs_right, !Rmult_1_l in close by lra.
  apply Rle_trans with (1 := close ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lra)).
  assert (1 <= INR n) by (apply (le_INR 1); assumption).
  assert (0 < sqrt (INR n)) by (apply sqrt_lt_R0; lra).
  replace (2 * sqrt (INR n) * (q - q0) / q0) with (2 * sqrt (INR n) / (2 * q0) * (2 * (q - q0))) by (field; lra).
  apply Rmult_le_compat_l; [left; apply Rdiv_lt_0_compat; lra | unfold probability in p01; nra].
Qed.

Lemma rlcr_continuous : forall (side : R -> R -> Prop) q0, (forall delta q, side delta q -> Rabs (q - q0) < delta) -> 0 < q0 < 1 ->
  payoffs_continuous side (rlcr 1) q0.
Proof.
  intros side q0 near inside correct eps positive; exists (Rmin 1 (eps / 3)); split; [apply Rmin_glb_lt; lra |].
  intros q close; apply near in close; pose proof (Rmin_l 1 (eps / 3)); pose proof (Rmin_r 1 (eps / 3)).
  assert (exists k, rlcr 1 q correct - rlcr 1 q0 correct = (q - q0) * k /\ Rabs k <= 3) as [k [-> small]].
  { apply Rabs_def2 in close; destruct correct; [exists (2 - q - q0) | exists (- (q + q0))]; split;
      try (unfold rlcr, with_correctness, brier, indicator; ring); apply Rabs_le; lra. }
  rewrite Rabs_mult; pose proof (Rabs_pos (q - q0)); pose proof (Rabs_pos k); nra.
Qed.

Corollary rlcr_no_interior_report_is_stable : forall p n q0, probability p -> p <> / 2 -> (1 <= n)%nat -> 0 < q0 < 1 ->
  exists q, probability q /\ (/ 2 < p -> q0 < q) /\ (p < / 2 -> q < q0) /\
  0 < independent_advantage (rlcr 1) p n q0 q.
Proof.
  intros p n q0 p01 biased enough inside; apply no_interior_report_is_stable; auto.
  - apply rlcr_strictly_proper; lra.
  - apply rlcr_continuous; [unfold right_of; intros; apply Rabs_def1; lra | assumption].
  - apply rlcr_continuous; [unfold left_of; intros; apply Rabs_def1; lra | assumption].
Qed.

(** Margin 0: at the report 0 right and wrong are paid alike, so on hard questions nobody leaves it. *)
Theorem rlcr_zero_is_stable : forall p n q, (1 <= n)%nat -> 0 < q <= 1 ->
  independent_advantage (rlcr 1) p n 0 q = sqrt (INR n) * (2 * p - 1).
Proof.
  intros p n q enough inside; rewrite <- Rmult_1_l.
  apply (independent_advantage_alike (rlcr 1)); auto; try (unfold probability; lra).
  - apply rlcr_strictly_proper; lra.
  - unfold rlcr, with_correctness, brier, indicator; ring.
Qed.
