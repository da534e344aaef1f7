(** * A verifier that errs

    The verifier accepts a wrong answer with probability [a] and rejects a right one with probability [b], the same for
    all answers. The agent then faces p' = a + (1 - a - b) p, the probability that its answer is accepted: stated
    confidence goes there, and only the value between [a] and [1 - b] counts. While a + b < 1, errors leave the order of
    the answers alone and make more weights safe; at a + b = 1 all answers earn alike; beyond, the order is reversed. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier Extended Logarithm.
Import ListNotations.
Open Scope R_scope.

(** The probability that an answer which is right with probability [p] is accepted. *)
Definition accepted (a b p : R) : R := a + (1 - a - b) * p.

Definition error_rates (a b : R) : Prop := probability a /\ probability b.

(** What a right and what a wrong answer earns, in expectation over the errors of the verifier. *)
Definition under_errors (a b : R) (r : reward) : reward := fun q correct =>
  if correct then (1 - b) * r q true + b * r q false else a * r q true + (1 - a) * r q false.

(** The best answer, with the probability that the verifier accepts it, earns the most. *)
Definition jointly_optimal_under_errors (a b : R) (r : reward) : Prop :=
  forall answers best, best_of answers best ->
  forall p q, In p answers -> probability q -> expected_reward (under_errors a b r) p q <= honest_value r (accepted a b best).

Lemma accepted_probability : forall a b p, error_rates a b -> probability p -> probability (accepted a b p).
Proof. intros a b p [] p01; unfold probability, accepted in *; nra. Qed.

(** ** Confidence goes to the probability of being accepted *)

Theorem expected_under_errors : forall a b r p q,
  expected_reward (under_errors a b r) p q = expected_reward r (accepted a b p) q.
Proof. intros; unfold expected_reward, under_errors, accepted; ring. Qed.

Theorem errors_best_report : forall a b r p q, error_rates a b -> strictly_proper r -> probability p -> probability q ->
  q <> accepted a b p -> expected_reward (under_errors a b r) p q < expected_reward (under_errors a b r) p (accepted a b p).
Proof.
  intros a b r p q rates strict p01 q01 distinct; rewrite !expected_under_errors.
  apply strict; auto using accepted_probability.
Qed.

(** So stated confidence is off by a - (a + b) p: right at p = a / (a + b) alone. *)
Theorem errors_bias : forall a b p, accepted a b p - p = a - (a + b) * p.
Proof. intros; unfold accepted; ring. Qed.

(** ** Few errors: a + b < 1 *)

Section FewErrors.

Context {a b : R} (rates : error_rates a b) (few : a + b < 1).

Lemma accepted_between : forall p, probability p -> a <= accepted a b p <= 1 - b.
Proof. intros p p01; unfold accepted, probability in *; nra. Qed.

Lemma accepted_ordered : forall p q, p <= q -> accepted a b p <= accepted a b q.
Proof. intros; unfold accepted; nra. Qed.

Lemma accepted_onto : forall x, a <= x <= 1 - b -> exists p, probability p /\ accepted a b p = x.
Proof.
  intros x between; exists ((x - a) / (1 - a - b)); split; [| unfold accepted; field; lra].
  assert ((x - a) / (1 - a - b) * (1 - a - b) = x - a) by (field; lra); unfold probability; nra.
Qed.

(** Only the value between [a] and [1 - b] counts. *)
Theorem errors_jointly_optimal_iff_rising : forall r, proper r ->
  (jointly_optimal_under_errors a b r <->
   forall x y, a <= x -> x <= y -> y <= 1 - b -> honest_value r x <= honest_value r y).
Proof.
  intros r honest; pose proof rates as [a01 b01]; split.
  - intros joint x y above ordered below.
    destruct (accepted_onto x ltac:(lra)) as [p [p01 <-]]; destruct (accepted_onto y ltac:(lra)) as [best [best01 <-]].
    assert (p <= best) by (unfold accepted in ordered; nra).
    unfold honest_value at 1; rewrite <- expected_under_errors.
    apply (joint [p; best] best); simpl; auto using accepted_probability.
    repeat split; simpl; auto; intuition (subst; lra).
  - intros rising answers best [all [among top]] p q member q01; rewrite Forall_forall in all.
    rewrite expected_under_errors; apply Rle_trans with (honest_value r (accepted a b p)).
    + apply honest; auto using accepted_probability.
    + pose proof (accepted_between p (all p member)); pose proof (accepted_between best (all best among)).
      apply rising; try lra; apply accepted_ordered; auto.
Qed.

(** The margin: a higher probability of being accepted is paid, R(x, 1) >= R(x, 0), at every x beyond [a]. *)
Theorem errors_jointly_optimal_iff_margin : forall r, proper r ->
  (jointly_optimal_under_errors a b r <-> forall x, a < x <= 1 - b -> r x false <= r x true).
Proof.
  intros r honest; rewrite errors_jointly_optimal_iff_rising by assumption; destruct rates as [[a_low a_high] [b_low b_high]].
  assert (forall x, a <= x <= 1 - b -> probability x) as inside by (unfold probability; intros; lra).
  split.
  - intros rising x between; apply Rnot_lt_le; intro short.
    pose proof (rising a x ltac:(lra) ltac:(lra) ltac:(lra)).
    pose proof (tangent_below honest x a (inside x ltac:(lra)) (inside a ltac:(lra))); unfold spread in *; nra.
  - intros margin x y above ordered below.
    assert (forall z, a < z -> z <= y -> honest_value r z <= honest_value r y) as beyond.
    { intros z z_above z_below; pose proof (margin z ltac:(lra)).
      pose proof (tangent_below honest z y (inside z ltac:(lra)) (inside y ltac:(lra))); unfold spread in *; nra. }
    destruct (Rle_lt_or_eq_dec a x above) as [strictly | <-]; [apply beyond; assumption |].
    destruct (Rle_lt_or_eq_dec a y ordered) as [less | <-]; [| apply Rle_refl].
    apply Rnot_lt_le; intro gap.
    set (slope := Rabs (spread r a) + 1); assert (0 < slope) by (unfold slope; pose proof (Rabs_pos (spread r a)); lra).
    set (z := a + Rmin (y - a) ((honest_value r a - honest_value r y) / (2 * slope))).
    pose proof (Rmin_l (y - a) ((honest_value r a - honest_value r y) / (2 * slope))).
    pose proof (Rmin_r (y - a) ((honest_value r a - honest_value r y) / (2 * slope))) as small.
    assert (0 < Rmin (y - a) ((honest_value r a - honest_value r y) / (2 * slope))).
    { apply Rmin_glb_lt; [lra | apply Rdiv_lt_0_compat; lra]. }
    assert ((z - a) * (2 * slope) <= honest_value r a - honest_value r y).
    { apply Rle_trans with ((honest_value r a - honest_value r y) / (2 * slope) * (2 * slope)).
      - apply Rmult_le_compat_r; [lra | unfold z; lra].
      - apply Req_le; field; lra. }
    pose proof (beyond z ltac:(unfold z; lra) ltac:(unfold z; lra)).
    pose proof (tangent_below honest a z (inside a ltac:(lra)) (inside z ltac:(unfold z; lra))).
    assert (- slope <= spread r a) by (unfold slope; pose proof (Rle_abs (- spread r a)); rewrite Rabs_Ropp in *; lra).
    assert (0 < z - a) by (unfold z; lra); nra.
Qed.

Definition right_limit (f : R -> R) (at_point limit : R) : Prop :=
  forall eps, 0 < eps -> exists delta, 0 < delta /\ forall x, at_point < x < at_point + delta -> Rabs (f x - limit) < eps.

(** With a limit: V'(a+) = R(a+, 1) - R(a+, 0) >= 0. *)
Theorem errors_jointly_optimal_iff_limit : forall r slope, proper r -> right_limit (spread r) a slope ->
  (jointly_optimal_under_errors a b r <-> 0 <= slope).
Proof.
  intros r slope honest tends; rewrite errors_jointly_optimal_iff_margin by assumption.
  destruct rates as [[a_low a_high] [b_low b_high]]; split.
  - intros margin; apply Rnot_lt_le; intro negative; destruct (tends (- slope) ltac:(lra)) as [delta [positive close]].
    pose proof (Rmin_l (delta / 2) (1 - b - a)); pose proof (Rmin_r (delta / 2) (1 - b - a)).
    assert (0 < Rmin (delta / 2) (1 - b - a)) by (apply Rmin_glb_lt; lra).
    specialize (close (a + Rmin (delta / 2) (1 - b - a)) ltac:(lra)); apply Rabs_def2 in close.
    specialize (margin (a + Rmin (delta / 2) (1 - b - a)) ltac:(lra)); unfold spread in close; lra.
  - intros sign x between; apply Rnot_lt_le; intro short.
    destruct (tends (r x false - r x true) ltac:(lra)) as [delta [positive close]].
    pose proof (Rmin_l (delta / 2) (x - a)); pose proof (Rmin_r (delta / 2) (x - a)).
    assert (0 < Rmin (delta / 2) (x - a)) by (apply Rmin_glb_lt; lra).
    specialize (close (a + Rmin (delta / 2) (x - a)) ltac:(lra)); apply Rabs_def2 in close.
    pose proof (spread_nondecreasing honest (a + Rmin (delta / 2) (x - a)) x) as steeper.
    unfold probability, spread in *; specialize (steeper ltac:(lra) ltac:(lra) ltac:(lra)); lra.
Qed.

(** A reward that is right and honest without errors stays so. *)
Corollary errors_keep_joint_optimality : forall r, safe r -> jointly_optimal_under_errors a b r.
Proof.
  intros r [honest joint]; apply errors_jointly_optimal_iff_rising; [assumption |]; intros x y above ordered below.
  destruct rates as [[] []]; apply (proj1 (jointly_optimal_iff_accuracy_rewarded honest) joint); unfold probability; lra.
Qed.

End FewErrors.

(** For RLCR the critical weight rises from 1 to 1 / (1 - 2a), and from a = 1/2 on every weight is safe. *)
Theorem errors_rlcr_iff : forall a b lam, error_rates a b -> a + b < 1 -> 0 < lam ->
  (jointly_optimal_under_errors a b (rlcr lam) <-> lam * (1 - 2 * a) <= 1).
Proof.
  intros a b lam rates few positive.
  rewrite (errors_jointly_optimal_iff_limit rates few (rlcr lam) (1 - lam * (1 - 2 * a))); [split; lra | |].
  - apply strictly_proper_is_proper, rlcr_strictly_proper; assumption.
  - intros eps eps_positive; exists (eps / (2 * lam)); split; [apply Rdiv_lt_0_compat; lra |]; intros x between.
    replace (spread (rlcr lam) x - (1 - lam * (1 - 2 * a))) with (2 * lam * (x - a))
      by (unfold spread, rlcr, with_correctness, brier, indicator; ring).
    rewrite Rabs_right by nra; replace eps with (2 * lam * (eps / (2 * lam))) by (field; lra).
    apply Rmult_lt_compat_l; lra.
Qed.

(** ** Log: a weight is safe as soon as some wrong answers are accepted *)

Definition extended_jointly_optimal_under_errors (a b : R) (r : extended_reward) : Prop :=
  forall answers best, best_of answers best ->
  forall p q, In p answers -> probability q ->
  at_most (expected r (accepted a b p) q) (expected r (accepted a b best) (accepted a b best)).

Definition log_value (lam x : R) : R := x * (1 + lam * ln x) + (1 - x) * (lam * ln (1 - x)).

Lemma log_honest : forall lam x, 0 < x < 1 -> expected (log_reward lam) x x = Some (log_value lam x).
Proof.
  intros lam x inside; rewrite expected_inside by assumption; unfold log_reward, log_value, indicator.
  rewrite !extended_ln_positive by lra; f_equal; ring.
Qed.

Lemma log_tangent : forall lam x y, 0 < lam -> 0 < x < 1 -> 0 < y < 1 ->
  log_value lam x + (y - x) * (1 + lam * (ln x - ln (1 - x))) <= log_value lam y.
Proof.
  intros lam x y positive x_inside y_inside; unfold log_value.
  destruct (Req_dec y x) as [-> | distinct]; [lra |].
  pose proof (gibbs_term y x); pose proof (gibbs_term (1 - y) (1 - x)); nra.
Qed.

(** The critical weight is 1 / log((1 - a) / a); from a = 1/2 on every weight is safe. *)
Theorem errors_log_iff : forall a b lam, error_rates a b -> 0 < a -> a + b < 1 -> 0 < lam ->
  (extended_jointly_optimal_under_errors a b (log_reward lam) <-> lam * (ln (1 - a) - ln a) <= 1).
Proof.
  intros a b lam rates a_positive few positive; pose proof rates as [a01 [b_low b_high]]; split.
  - intros joint; apply Rnot_lt_le; intro steep; set (E := exp (/ lam)).
    assert (0 < E) by apply exp_pos.
    assert (lam * / lam = 1) as inverse by (apply Rinv_r; lra).
    assert (a * E < 1 - a) as low.
    { apply ln_lt_inv; [nra | lra |]; unfold E; rewrite ln_mult, ln_exp by (lra || apply exp_pos).
      apply Rmult_lt_reg_l with lam; [assumption | lra]. }
    set (room := Rmin ((1 - b - a) / 2) ((1 - a - a * E) / (2 * (1 + E)))).
    assert (0 < room) by (apply Rmin_glb_lt; [lra | apply Rdiv_lt_0_compat; lra]).
    assert (room <= (1 - b - a) / 2) by apply Rmin_l.
    assert (room * (2 * (1 + E)) <= 1 - a - a * E).
    { apply Rle_trans with ((1 - a - a * E) / (2 * (1 + E)) * (2 * (1 + E))); [| right; field; lra].
      apply Rmult_le_compat_r; [lra | apply Rmin_r]. }
    assert (ln (a + room) + / lam < ln (1 - (a + room))) as falling.
    { rewrite <- (ln_exp (/ lam)), <- ln_mult by (lra || apply exp_pos); fold E; apply ln_increasing; nra. }
    destruct (accepted_onto few (a + room) ltac:(lra)) as [best [best01 onto]].
    assert (best_of [0; best] best) as two.
    { split; [repeat (apply Forall_cons; [auto |]); apply Forall_nil | split; simpl; auto].
      unfold probability in best01; intuition (subst; lra). }
    specialize (joint _ _ two 0 a ltac:(simpl; auto) a01); rewrite onto in joint.
    replace (accepted a b 0) with a in joint by (unfold accepted; ring); rewrite !log_honest in joint by lra; simpl in joint.
    pose proof (Rmult_lt_compat_l lam _ _ positive falling).
    assert (0 < room * - (1 + lam * (ln (a + room) - ln (1 - (a + room))))) by (apply Rmult_lt_0_compat; lra).
    pose proof (log_tangent lam (a + room) a positive ltac:(lra) ltac:(lra)); lra.
  - intros gentle answers best [all [among top]] p q member q01; rewrite Forall_forall in all.
    pose proof (accepted_between few p (all p member)); pose proof (accepted_between few best (all best among)).
    pose proof (accepted_ordered few p best (top p member)) as ordered.
    apply at_most_trans with (expected (log_reward lam) (accepted a b p) (accepted a b p)).
    { apply extended_strictly_proper_is_proper; [apply log_strictly_proper | |]; auto using accepted_probability. }
    set (x := accepted a b p) in *; set (y := accepted a b best) in *.
    destruct (Rle_lt_or_eq_dec x y ordered) as [less | <-]; [| apply at_most_refl].
    rewrite log_honest by lra; destruct (Req_dec y 1) as [-> | inside].
    + rewrite expected_1; unfold log_reward, indicator; rewrite extended_ln_positive, ln_1 by lra; simpl; unfold log_value.
      pose proof (ln_below_tangent x ltac:(lra) ltac:(lra)); pose proof (ln_below_tangent (1 - x) ltac:(lra) ltac:(lra)).
      assert (0 <= lam * (x * - ln x)) by (repeat apply Rmult_le_pos; lra).
      assert (0 <= lam * ((1 - x) * - ln (1 - x))) by (repeat apply Rmult_le_pos; lra); lra.
    + rewrite log_honest by lra; simpl; pose proof (log_tangent lam x y positive ltac:(lra) ltac:(lra)).
      assert (ln a <= ln x) by (destruct (Req_dec a x) as [<- |]; [lra | left; apply ln_increasing; lra]).
      assert (ln (1 - x) <= ln (1 - a)) by (destruct (Req_dec a x) as [<- |]; [lra | left; apply ln_increasing; lra]).
      pose proof (Rmult_le_compat_l lam (ln a - ln (1 - a)) (ln x - ln (1 - x)) ltac:(lra) ltac:(lra)).
      assert (0 <= (y - x) * (1 + lam * (ln x - ln (1 - x)))) by (apply Rmult_le_pos; lra); lra.
Qed.

(** ** As many errors as not, and more *)

(** At a + b = 1 the verifier says nothing: every answer earns the same. *)
Theorem errors_tie : forall a b r p p' q, a + b = 1 ->
  expected_reward (under_errors a b r) p q = expected_reward (under_errors a b r) p' q.
Proof.
  intros a b r p p' q useless; rewrite !expected_under_errors; unfold accepted.
  replace (1 - a - b) with 0 by lra; rewrite !Rmult_0_l; reflexivity.
Qed.

Section ManyErrors.

Context {a b : R} (rates : error_rates a b) (many : 1 < a + b).

(** Beyond, the better answer is accepted less often. Where the value rises between [1 - b] and [a], it earns less. *)
Theorem errors_reverse_the_order : forall r,
  (forall x y, 1 - b <= x -> x < y -> y <= a -> honest_value r x < honest_value r y) ->
  forall p p', probability p -> probability p' -> p < p' ->
  honest_value r (accepted a b p') < honest_value r (accepted a b p).
Proof. intros r rising p p' p01 p01' less; apply rising; unfold accepted, probability in *; nra. Qed.

Corollary errors_reverse_strictly_safe : forall r, strictly_proper r -> r 0 false <= r 0 true ->
  forall p p', probability p -> probability p' -> p < p' ->
  honest_value r (accepted a b p') < honest_value r (accepted a b p).
Proof.
  intros r strict sign; destruct rates as [[] []]; apply errors_reverse_the_order; intros x y above less below.
  apply accuracy_strictly_rewarded_of_sign; auto; unfold probability; lra.
Qed.

(** Better answers earn more exactly for a value that never rises there. *)
Theorem errors_jointly_optimal_iff_falling : forall r, proper r ->
  (jointly_optimal_under_errors a b r <->
   forall x y, 1 - b <= x -> x <= y -> y <= a -> honest_value r y <= honest_value r x).
Proof.
  intros r honest; split.
  - intros joint x y above ordered below.
    assert (forall z, 1 - b <= z <= a -> exists p, probability p /\ accepted a b p = z) as onto.
    { intros z between; exists ((a - z) / (a + b - 1)); split; [| unfold accepted; field; lra].
      assert ((a - z) / (a + b - 1) * (a + b - 1) = a - z) by (field; lra); unfold probability; nra. }
    destruct (onto y ltac:(lra)) as [p [p01 <-]]; destruct (onto x ltac:(lra)) as [best [best01 <-]].
    assert (p <= best) by (unfold accepted in ordered; nra).
    unfold honest_value at 1; rewrite <- expected_under_errors.
    apply (joint [p; best] best); simpl; auto using accepted_probability.
    repeat split; simpl; auto; intuition (subst; lra).
  - intros falling answers best [all [among top]] p q member q01; rewrite Forall_forall in all.
    rewrite expected_under_errors; apply Rle_trans with (honest_value r (accepted a b p)).
    + apply honest; auto using accepted_probability.
    + pose proof (all p member); pose proof (all best among); pose proof (top p member).
      apply falling; unfold accepted, probability in *; nra.
Qed.

End ManyErrors.

(** ** Known rates can be corrected *)

(** The payoffs f~ and g~ of Natarajan et al. (2013). *)
Definition corrected (a b : R) (r : reward) : reward := fun q accepted =>
  if accepted then ((1 - a) * r q true - b * r q false) / (1 - a - b)
  else ((1 - b) * r q false - a * r q true) / (1 - a - b).

(** Over the errors of the verifier, a right answer is paid R(q, 1) and a wrong one R(q, 0). *)
Theorem corrected_expectation : forall a b r q correct, a + b <> 1 ->
  under_errors a b (corrected a b r) q correct = r q correct.
Proof. intros a b r q [|] informative; unfold under_errors, corrected; field; lra. Qed.

Lemma corrected_expected_reward : forall a b r p q, a + b <> 1 ->
  expected_reward (under_errors a b (corrected a b r)) p q = expected_reward r p q.
Proof. intros; unfold expected_reward; rewrite !corrected_expectation by assumption; reflexivity. Qed.

(** So under those rates it is proper, strictly proper or jointly optimal exactly where the reward itself is. *)
Corollary corrected_iff : forall a b r, a + b <> 1 ->
  (proper (under_errors a b (corrected a b r)) <-> proper r) /\
  (strictly_proper (under_errors a b (corrected a b r)) <-> strictly_proper r) /\
  (jointly_optimal (under_errors a b (corrected a b r)) <-> jointly_optimal r).
Proof.
  intros a b r informative; unfold proper, strictly_proper, jointly_optimal, honest_value.
  pose proof (fun p q => corrected_expected_reward a b r p q informative) as same.
  setoid_rewrite same; repeat split; auto.
Qed.

(** ** Rates that differ between answers *)

(** An answer that is right with probability 1/2 and accepted half the time when wrong beats one that is right with
    probability 3/5 and judged without errors, under RLCR at weight 1. *)
Theorem errors_by_answer_prefer_the_worse :
  honest_value (rlcr 1) (accepted 0 0 (3 / 5)) < honest_value (rlcr 1) (accepted (/ 2) 0 (/ 2)).
Proof. rewrite !rlcr_honest_value; unfold accepted; lra. Qed.
