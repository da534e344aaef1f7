(** False: independent outcomes give the same limit where right and wrong are paid alike. There every group follows
    its deviant, with 2p - 1. *)

From Coq Require Import Reals Lra Psatz List Arith Bool.
From ScoringTheory Require Import Definitions JointOptimality Brier Normalised Pieces SmallSpread Populations.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall r q0 slope p z zs, differentiable_with r q0 slope -> 0 < slope true -> slope false < 0 -> r q0 true = r q0
  true -> zs <> [] -> 0 < deviation (z :: zs) -> let G := S (length zs) in limit (right_of 0) (population_advantage
  r p q0 z zs) ((p ^ G - (1 - p) ^ G) * standardised (z :: zs) z)).
Proof.
  intros claim; set (p := 3 / 4).
  assert (differentiable_with linear 0 (fun c => if c then 1 else -1)) as smooth.
  { intros [|]; unfold linear; [apply derivable_pt_lim_id |].
    replace (-1) with (- (1)) by ring; apply (derivable_pt_lim_opp id), derivable_pt_lim_id. }
  assert (forall x, standardised [x; 0; 0] x = sqrt 2 * softsign 0 x) as alone.
  { intros x; change [x; 0; 0] with (x :: map (fun _ : bool => 0) [true; true]).
    rewrite (standardised_among_two (fun _ => 0) true [true; true] x) by congruence; unfold others_spread; simpl.
    replace (1 + 1) with 2 by ring; f_equal; f_equal; field. }
  assert (0 < sqrt 2) as root by (apply sqrt_lt_R0; lra).
  assert (0 < deviation [1; 0; 0]) as spread.
  { unfold deviation, mean; simpl; apply sqrt_lt_R0; lra. }
  destruct (claim linear 0 (fun c => if c then 1 else -1) p 1 [0; 0] smooth ltac:(lra) ltac:(lra) eq_refl
    ltac:(congruence) spread (sqrt 2 / 64) ltac:(lra)) as [d [positive close]].
  specialize (close (d / 2) ltac:(unfold right_of; lra)); rewrite alone, softsign_positive in close by lra.
  unfold population_advantage, group_advantage, paid, linear in close; simpl in close.
  rewrite !Rmult_0_r, !Rplus_0_l, !Ropp_0, !Rmult_1_r, !alone in close.
  rewrite (softsign_positive (d / 2)), (softsign_negative (- (d / 2))) in close by lra.
  apply Rabs_def2 in close; unfold p in close; lra.
Qed.

(** The proof of Populations.independent_population_limit, word for word. *)
Theorem independent_population_limit :
  forall r q0 slope p z zs, differentiable_with r q0 slope -> 0 < slope true -> slope false < 0 -> r q0 true = r q0
  true -> zs <> [] -> 0 < deviation (z :: zs) -> let G := S (length zs) in limit (right_of 0) (population_advantage
  r p q0 z zs) ((p ^ G - (1 - p) ^ G) * standardised (z :: zs) z).
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
