(** * Whole populations, as reports come close

    The rollouts of a group report q0 + h z, each its own z, and h tends to 0. Dividing by the group's standard deviation
    makes the expected advantage of z tend to

      (P(all correct) - P(all wrong)) (z - mean) / std :

    the linear rule, times 2p - 1 with a shared outcome and times p^G - (1 - p)^G with independent ones. The rule only
    has to pay a higher confidence more when correct and less when wrong; how much it pays is forgotten. *)

From Coq Require Import Reals Lra Psatz List Arith Bool.
From ScoringTheory Require Import Definitions JointOptimality Normalised Pieces SmallSpread.
Import ListNotations.
Open Scope R_scope.

(** ** Limits *)

Section Limits.

Context {side : R -> R -> Prop} (approaches : approach side).

Lemma limit_constant : forall k, limit side (fun _ => k) k.
Proof. intros k eps positive; exists 1; split; [lra |]; intros; rewrite Rminus_eq_0, Rabs_R0; assumption. Qed.

Lemma limit_plus : forall f g v w, limit side f v -> limit side g w -> limit side (fun x => f x + g x) (v + w).
Proof.
  destruct approaches as [shrink _]; intros f g v w to_v to_w eps positive.
  destruct (to_v (eps / 2) ltac:(lra)) as [d [d_positive close_v]].
  destruct (to_w (eps / 2) ltac:(lra)) as [e [e_positive close_w]].
  exists (Rmin d e); split; [apply Rmin_glb_lt; assumption |]; intros x near.
  specialize (close_v x (shrink _ _ x (Rmin_l d e) near)); specialize (close_w x (shrink _ _ x (Rmin_r d e) near)).
  apply Rabs_def2 in close_v; apply Rabs_def2 in close_w; apply Rabs_def1; lra.
Qed.

Lemma limit_continuous : forall f v k, continuity_pt k v -> limit side f v -> limit side (fun x => k (f x)) (k v).
Proof.
  intros f v k continuous tends eps positive; destruct (continuous eps positive) as [d [d_positive close]].
  destruct (tends d d_positive) as [e [e_positive near]]; exists e; split; [assumption |]; intros x inside.
  specialize (near x inside); destruct (Req_dec (f x) v) as [-> | moved].
  - rewrite Rminus_eq_0, Rabs_R0; assumption.
  - apply (close (f x)); split; [split; [exact I | auto] | exact near].
Qed.

Lemma limit_scaled : forall f v k, limit side f v -> limit side (fun x => k * f x) (k * v).
Proof.
  intros f v k tends; apply (limit_continuous f v (fun y => k * y)); [| assumption].
  apply derivable_continuous_pt, derivable_pt_scal, derivable_pt_id.
Qed.

Lemma limit_same : forall f g v, (forall x, f x = g x) -> limit side f v -> limit side g v.
Proof.
  intros f g v same tends eps positive; destruct (tends eps positive) as [d [d_positive close]].
  exists d; split; [assumption |]; intros; rewrite <- same; auto.
Qed.

Lemma limit_square : forall f v, limit side f v -> limit side (fun x => f x ^ 2) (v ^ 2).
Proof.
  intros f v tends; apply (limit_continuous f v (fun y => y ^ 2)); [| assumption].
  apply derivable_continuous_pt, derivable_pt_pow.
Qed.

Lemma limit_minus : forall f g v w, limit side f v -> limit side g w -> limit side (fun x => f x - g x) (v - w).
Proof.
  intros f g v w to_v to_w; apply (limit_same (fun x => f x + -1 * g x)); [intros; ring |].
  replace (v - w) with (v + -1 * w) by ring; apply limit_plus; [| apply limit_scaled]; assumption.
Qed.

(** A product is a difference of squares. *)
Lemma limit_times : forall f g v w, limit side f v -> limit side g w -> limit side (fun x => f x * g x) (v * w).
Proof.
  intros f g v w to_v to_w; apply (limit_same (fun x => / 4 * ((f x + g x) ^ 2 - (f x - g x) ^ 2))); [intros; field |].
  replace (v * w) with (/ 4 * ((v + w) ^ 2 - (v - w) ^ 2)) by field.
  apply limit_scaled, limit_minus; apply limit_square; [apply limit_plus | apply limit_minus]; assumption.
Qed.

(** ** Standardising is continuous wherever the limits differ *)

Lemma limit_sum : forall fs vs, Forall2 (limit side) fs vs ->
  limit side (fun x => fold_right Rplus 0 (map (fun f => f x) fs)) (fold_right Rplus 0 vs).
Proof.
  induction 1 as [| f v fs vs tends _ induction]; simpl; [apply limit_constant | apply limit_plus; assumption].
Qed.

Lemma limit_mean : forall fs vs, Forall2 (limit side) fs vs -> limit side (fun x => mean (map (fun f => f x) fs)) (mean vs).
Proof.
  intros fs vs tends; unfold mean.
  assert (length fs = length vs) as size by (induction tends; simpl; congruence).
  apply (limit_same (fun x => / INR (length vs) * fold_right Rplus 0 (map (fun f => f x) fs))).
  - intros; rewrite map_length, size; unfold Rdiv; ring.
  - unfold Rdiv; rewrite Rmult_comm; apply limit_scaled, limit_sum; assumption.
Qed.

Lemma limit_squares : forall m k fs vs, limit side m k -> Forall2 (limit side) fs vs ->
  Forall2 (limit side) (map (fun f x => (f x - m x) ^ 2) fs) (map (fun v => (v - k) ^ 2) vs).
Proof.
  intros m k fs vs centre; induction 1 as [| f v fs vs tends _ induction]; cbn [map]; [apply Forall2_nil |].
  apply Forall2_cons; [apply limit_square, limit_minus; assumption | assumption].
Qed.

Lemma limit_standardised : forall fs vs f v, Forall2 (limit side) fs vs -> limit side f v -> 0 < deviation vs ->
  limit side (fun x => standardised (map (fun f => f x) fs) (f x)) (standardised vs v).
Proof.
  intros fs vs f v all one positive; unfold standardised, Rdiv.
  apply limit_times; [apply limit_minus; [assumption | apply limit_mean; assumption] |].
  apply (limit_continuous _ _ Rinv).
  { apply continuity_pt_inv; [apply derivable_continuous_pt, derivable_pt_id | unfold id; lra]. }
  unfold deviation in *; apply (limit_continuous _ _ sqrt).
  { apply continuity_pt_sqrt, Rnot_lt_le; intro negative; rewrite sqrt_neg_0 in positive; lra. }
  pose proof (limit_mean fs vs all) as centre.
  apply (limit_same (fun x => mean (map (fun f => f x) (map (fun f x => (f x - mean (map (fun f => f x) fs)) ^ 2) fs))));
    [intros; rewrite !map_map; reflexivity |].
  apply limit_mean, (limit_squares (fun x => mean (map (fun f => f x) fs))); assumption.
Qed.

Lemma limit_outcomes : forall n p (F : R -> list bool -> R) L,
  (forall cs, length cs = n -> limit side (fun x => F x cs) (L cs)) ->
  limit side (fun x => outcomes n p (F x)) (outcomes n p L).
Proof.
  induction n as [| n induction]; intros p F L tends; simpl; [apply tends; reflexivity |].
  apply limit_plus; apply limit_scaled;
    [apply (induction p (fun x cs => F x (true :: cs))) | apply (induction p (fun x cs => F x (false :: cs)))];
    intros; apply tends; simpl; congruence.
Qed.

End Limits.

(** ** Standardising forgets shifts and positive factors, and a negative factor flips the sign *)

Lemma standardised_affine : forall a k xs x, xs <> [] -> k <> 0 ->
  standardised (map (fun y => a + k * y) xs) (a + k * x) = k / Rabs k * standardised xs x.
Proof.
  intros a k xs x some nonzero; unfold standardised; rewrite mean_affine, deviation_affine by assumption.
  unfold Rdiv; rewrite Rinv_mult; ring.
Qed.

Lemma sign_up : forall k, 0 < k -> k / Rabs k = 1.
Proof. intros k positive; rewrite Rabs_right by lra; field; lra. Qed.

Lemma sign_down : forall k, k < 0 -> k / Rabs k = -1.
Proof. intros k negative; rewrite Rabs_left by lra; field; lra. Qed.

(** ** Groups that agree *)

Definition differentiable_with (r : reward) (q0 : R) (slope : bool -> R) : Prop :=
  forall correct, derivable_pt_lim (fun q => r q correct) q0 (slope correct).

Definition quotient (r : reward) (q0 : R) (own : bool) (x h : R) : R := (r (q0 + h * x) own - r q0 own) / h.

Lemma quotient_limit : forall r q0 slope own x, differentiable_with r q0 slope ->
  limit (right_of 0) (quotient r q0 own x) (slope own * x).
Proof.
  intros r q0 slope own x smooth eps positive; unfold quotient, right_of.
  destruct (Req_dec x 0) as [-> | nonzero].
  - exists 1; split; [lra |]; intros h _; rewrite Rmult_0_r, Rplus_0_r, Rminus_eq_0; unfold Rdiv.
    rewrite Rmult_0_l, Rmult_0_r, Rminus_eq_0, Rabs_R0; assumption.
  - assert (0 < Rabs x) as size by (apply Rabs_pos_lt; assumption).
    destruct (smooth own (eps / Rabs x)) as [[d d_positive] close]; [apply Rdiv_lt_0_compat; assumption |].
    simpl in close; exists (d / Rabs x); split; [apply Rdiv_lt_0_compat; assumption |]; intros h between.
    assert (Rabs (h * x) < d) as near.
    { rewrite Rabs_mult, (Rabs_right h) by lra; replace d with (d / Rabs x * Rabs x) by (field; lra).
      apply Rmult_lt_compat_r; lra. }
    specialize (close (h * x) ltac:(apply Rmult_integral_contrapositive_currified; lra) near).
    replace ((r (q0 + h * x) own - r q0 own) / h - slope own * x)
      with (((r (q0 + h * x) own - r q0 own) / (h * x) - slope own) * x) by (field; repeat split; first [assumption | lra]).
    rewrite Rabs_mult; replace eps with (eps / Rabs x * Rabs x) by (field; lra).
    apply Rmult_lt_compat_r; assumption.
Qed.

Lemma limit_from_right : forall f g v, (forall h, 0 < h -> f h = g h) -> limit (right_of 0) f v ->
  limit (right_of 0) g v.
Proof.
  intros f g v same tends eps positive; destruct (tends eps positive) as [d [d_positive close]].
  exists d; split; [assumption |]; intros h near; rewrite <- same by (unfold right_of in near; lra); auto.
Qed.

Lemma agreeing_limit : forall r q0 slope own zs z, differentiable_with r q0 slope -> slope own <> 0 ->
  zs <> [] -> 0 < deviation zs ->
  limit (right_of 0) (fun h => standardised (map (fun x => r (q0 + h * x) own) zs) (r (q0 + h * z) own))
    (slope own / Rabs (slope own) * standardised zs z).
Proof.
  intros r q0 slope own zs z smooth steep some spread.
  apply limit_from_right with (fun h => standardised (map (fun g => g h) (map (quotient r q0 own) zs))
    (quotient r q0 own z h)).
  { intros h positive.
    rewrite <- (Rmult_1_l (standardised (map (fun g => g h) _) _)), <- (sign_up h positive).
    rewrite <- (standardised_affine (r q0 own)) by (try lra; destruct zs; simpl; congruence).
    rewrite !map_map; f_equal; [apply map_ext; intros |]; unfold quotient; field; lra. }
  replace (slope own / Rabs (slope own) * standardised zs z)
    with (standardised (map (fun x => slope own * x) zs) (slope own * z)).
  - apply (limit_standardised (approach_right 0)).
    + clear some spread; induction zs as [| x rest induction]; simpl; [apply Forall2_nil |].
      apply Forall2_cons; [apply quotient_limit |]; assumption.
    + apply quotient_limit; assumption.
    + rewrite (map_ext _ (fun x => 0 + slope own * x)), deviation_affine by (assumption || intros; ring).
      apply Rmult_lt_0_compat; [apply Rabs_pos_lt |]; assumption.
  - rewrite <- (standardised_affine 0) by assumption.
    rewrite Rplus_0_l; f_equal; apply map_ext; intros; ring.
Qed.

(** ** A shared outcome *)

Theorem shared_population_limit : forall r q0 slope p zs z, differentiable_with r q0 slope ->
  0 < slope true -> slope false < 0 -> zs <> [] -> 0 < deviation zs ->
  limit (right_of 0) (fun h => shared_advantage r p (map (fun x => q0 + h * x) zs) (q0 + h * z))
    ((2 * p - 1) * standardised zs z).
Proof.
  intros r q0 slope p zs z smooth up down some spread; unfold shared_advantage.
  replace ((2 * p - 1) * standardised zs z) with (p * (slope true / Rabs (slope true) * standardised zs z)
    + (1 - p) * (slope false / Rabs (slope false) * standardised zs z)) by (rewrite sign_up, sign_down by assumption; ring).
  apply (limit_plus (approach_right 0)); apply limit_scaled;
    (eapply limit_same; [| apply agreeing_limit; try eassumption; lra]);
    intros h; rewrite map_map; reflexivity.
Qed.

(** ** Independent outcomes *)

(** The rollouts [zs] with the outcomes [cs]. *)
Definition paid (r : reward) (q0 h : R) (zs : list R) (cs : list bool) : list R :=
  map (fun '(x, c) => r (q0 + h * x) c) (combine zs cs).

Definition group_advantage (r : reward) (q0 z : R) (zs : list R) (own : bool) (h : R) (cs : list bool) : R :=
  standardised (r (q0 + h * z) own :: paid r q0 h zs cs) (r (q0 + h * z) own).

(** The expected advantage of the first rollout, which reports q0 + h z; the others report q0 + h x, x in [zs]. *)
Definition population_advantage (r : reward) (p q0 z : R) (zs : list R) (h : R) : R :=
  p * outcomes (length zs) p (group_advantage r q0 z zs true h)
  + (1 - p) * outcomes (length zs) p (group_advantage r q0 z zs false h).

Lemma paid_by_all_alike : forall r q0 h own zs cs, length cs = length zs -> matching own cs = length cs ->
  paid r q0 h zs cs = map (fun x => r (q0 + h * x) own) zs.
Proof.
  intros r q0 h own; induction zs as [| x zs induction]; intros [| c cs] size alike; try discriminate; [reflexivity |].
  unfold paid; simpl in *; pose proof (matching_at_most own cs).
  destruct (eqb own c) eqn:same; [apply eqb_prop in same; subst | lia].
  f_equal; apply induction; lia.
Qed.

Lemma payoff_limit : forall r q0 slope x own, differentiable_with r q0 slope ->
  limit (right_of 0) (fun h => r (q0 + h * x) own) (r q0 own).
Proof.
  intros r q0 slope x own smooth.
  apply limit_from_right with (fun h => r q0 own + h * quotient r q0 own x h).
  { intros h positive; unfold quotient; field; lra. }
  replace (r q0 own) with (r q0 own + 0 * (slope own * x)) at 1 by ring.
  apply (limit_plus (approach_right 0)); [apply limit_constant | apply (limit_times (approach_right 0))].
  - intros eps positive; exists eps; split; [assumption |]; unfold right_of; intros; apply Rabs_def1; lra.
  - apply quotient_limit; assumption.
Qed.

Lemma mixed_deviation : forall (value : bool -> R) own cs, value true <> value false -> matching own cs <> length cs ->
  0 < deviation (map value (own :: cs)).
Proof.
  intros value own cs apart mixed; unfold deviation; apply sqrt_lt_R0.
  set (m := mean (map value (own :: cs))); unfold mean; rewrite !map_length.
  rewrite (sum_two_valued value (fun y => (y - m) ^ 2) own).
  pose proof (matching_at_most own cs) as bounded; simpl length; cbn [matching]; rewrite eqb_reflx.
  assert (1 <= INR (S (matching own cs))) by (apply (le_INR 1); lia).
  assert (INR (S (matching own cs)) <= INR (S (length cs)) - 1).
  { rewrite S_INR; pose proof (le_INR (S (S (matching own cs))) (S (length cs)) ltac:(lia)) as less.
    rewrite S_INR, S_INR in less; lra. }
  assert (value own <> value (negb own)) as distinct by (destruct own; simpl; congruence).
  unfold Rdiv; apply Rmult_lt_0_compat; [| apply Rinv_0_lt_compat; lra].
  pose proof (pow2_ge_0 (value own - m)); pose proof (pow2_ge_0 (value (negb own) - m)).
  assert (0 < (value own - m) ^ 2 + (value (negb own) - m) ^ 2) by
    (destruct (Req_dec (value own) m); [pose proof (square_positive (value (negb own) - m))
      | pose proof (square_positive (value own - m))]; lra).
  nra.
Qed.

Theorem independent_population_limit : forall r q0 slope p z zs, differentiable_with r q0 slope ->
  0 < slope true -> slope false < 0 -> r q0 true <> r q0 false -> zs <> [] -> 0 < deviation (z :: zs) ->
  let G := S (length zs) in
  limit (right_of 0) (population_advantage r p q0 z zs) ((p ^ G - (1 - p) ^ G) * standardised (z :: zs) z).
Proof.
  intros r q0 slope p z zs smooth up down apart some spread G; unfold population_advantage.
  set (sign := fun own => slope own / Rabs (slope own)); set (T := standardised (z :: zs) z).
  assert (forall own cs, length cs = length zs -> limit (right_of 0) (fun h => group_advantage r q0 z zs own h cs)
    (1 * deviant_advantage r q0 q0 own cs + sign own * T * agree own cs)) as each.
  { intros own cs size; unfold group_advantage, agree, deviant_advantage.
    destruct (Nat.eq_dec (matching own cs) (length cs)) as [alike | mixed].
    - replace (standardised _ _) with 0.
      + replace (1 * 0 + sign own * T * 1) with (sign own * T) by ring.
        eapply limit_same; [| apply (agreeing_limit r q0 slope own (z :: zs) z); try assumption; try congruence];
          [intros h; rewrite (paid_by_all_alike r q0 h own) by assumption; reflexivity | destruct own; lra].
      + rewrite (standardised_among_two (r q0) own cs) by (destruct cs, zs; simpl in *; congruence).
        rewrite alike; unfold softsign; replace (r q0 own - _) with 0; [unfold Rdiv; ring |].
        assert (0 < INR (length cs)) by (rewrite size; apply lt_0_INR; destruct zs; simpl; [congruence | lia]).
        field; lra.
    - rewrite Rmult_0_r, Rplus_0_r, Rmult_1_l.
      set (payoffs := (fun h => r (q0 + h * z) own) :: map (fun '(x, c) h => r (q0 + h * x) c) (combine zs cs)).
      apply (limit_same (fun h => standardised (map (fun f => f h) payoffs) (r (q0 + h * z) own))).
      { intros h; unfold payoffs, paid; cbn [map]; rewrite map_map; f_equal; f_equal; apply map_ext; intros []; reflexivity. }
      apply (limit_standardised (approach_right 0)).
      + unfold payoffs; apply Forall2_cons; [apply payoff_limit with slope; assumption |].
        clear payoffs mixed; revert cs size; clear -smooth; induction zs as [| x zs induction]; intros [| c cs] size;
          try discriminate; simpl; [apply Forall2_nil |].
        apply Forall2_cons; [apply payoff_limit with slope; assumption | apply induction; simpl in size; lia].
      + apply payoff_limit with slope; assumption.
      + apply (mixed_deviation (r q0) own cs); assumption. }
  replace ((p ^ G - (1 - p) ^ G) * T) with
    (p * outcomes (length zs) p (fun cs => 1 * deviant_advantage r q0 q0 true cs + sign true * T * agree true cs)
     + (1 - p) * outcomes (length zs) p
         (fun cs => 1 * deviant_advantage r q0 q0 false cs + sign false * T * agree false cs)).
  - apply (limit_plus (approach_right 0)); apply limit_scaled; apply (limit_outcomes (approach_right 0)); apply each.
  - rewrite !outcomes_linear, !agree_probability; unfold sign; rewrite sign_up, sign_down by assumption.
    pose proof (no_deviation_no_advantage r p (length zs) q0) as still; unfold independent_advantage in still.
    unfold G; simpl pow; lra.
Qed.
