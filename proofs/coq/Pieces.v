(** * Pieces: the criterion that the kernel checks

    A reward is proper if (1) on each open piece q f' + (1 - q) g' = 0 and f' - g' >= 0, where f = R(., 1) and g =
    R(., 0), and (2) every one-sided jump at an end b of a piece satisfies b df + (1 - b) dg = 0 and d(f - g) >= 0.
    At b = 0 the second condition reads R(0, 0) = R(0+, 0) and R(0, 1) <= R(0+, 1). It is strict if f - g has a
    positive derivative somewhere in every interval. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Distributions.
Import ListNotations.
Open Scope R_scope.

Definition proper_on (r : reward) (a b : R) : Prop :=
  forall p q, a <= p <= b -> a <= q <= b -> expected_reward r p q <= honest_value r p.

(** ** Proper pieces glue *)

Lemma proper_glue : forall r a b c, a <= b <= c -> proper_on r a b -> proper_on r b c -> proper_on r a c.
Proof.
  intros r a b c ordered left right.
  assert (forall p q, a <= p <= b -> b <= q <= c -> expected_reward r p q <= honest_value r p) as up.
  { intros p q p_left q_right; pose proof (left p b p_left ltac:(lra)).
    pose proof (right b q ltac:(lra) q_right); pose proof (right q b q_right ltac:(lra)).
    destruct (Req_dec b q) as [<- |]; [assumption |].
    assert (spread r b <= spread r q) by (unfold honest_value, expected_reward, spread in *; nra).
    unfold honest_value, expected_reward, spread in *; nra. }
  assert (forall p q, b <= p <= c -> a <= q <= b -> expected_reward r p q <= honest_value r p) as down.
  { intros p q p_right q_left; pose proof (right p b p_right ltac:(lra)).
    pose proof (left b q ltac:(lra) q_left); pose proof (left q b q_left ltac:(lra)).
    destruct (Req_dec q b) as [-> |]; [assumption |].
    assert (spread r q <= spread r b) by (unfold honest_value, expected_reward, spread in *; nra).
    unfold honest_value, expected_reward, spread in *; nra. }
  intros p q p_in q_in; destruct (Rle_dec p b), (Rle_dec q b);
    [apply left | apply up | apply down | apply right]; lra.
Qed.

(** [pieces r a cuts]: from [a] on, between one cut and the next, the reward is proper. *)
Fixpoint pieces (r : reward) (a : R) (cuts : list R) : Prop :=
  match cuts with [] => a = 1 | b :: rest => a <= b /\ proper_on r a b /\ pieces r b rest end.

Theorem proper_of_pieces : forall r cuts, pieces r 0 cuts -> proper r.
Proof.
  intros r cuts; enough (forall a, pieces r a cuts -> a <= 1 /\ proper_on r a 1) as all.
  { intros chain; destruct (all 0 chain) as [_ whole]; exact whole. }
  induction cuts as [| b rest induction]; simpl; intros a chain.
  - subst; split; [lra |]; intros p q p1 q1; replace q with p by lra; apply Rle_refl.
  - destruct chain as [ordered [first chain]]; destruct (induction b chain) as [below others].
    split; [lra |]; apply proper_glue with b; auto.
Qed.

(** ** One-sided limits *)

Definition right_of (a delta x : R) : Prop := a < x < a + delta.
Definition left_of (b delta x : R) : Prop := b - delta < x < b.

Definition limit (side : R -> R -> Prop) (f : R -> R) (value : R) : Prop :=
  forall eps, 0 < eps -> exists delta, 0 < delta /\ forall x, side delta x -> Rabs (f x - value) < eps.

(** Approaching a point from one side: smaller neighbourhoods lie in larger ones, and none is empty. *)
Definition approach (side : R -> R -> Prop) : Prop :=
  (forall small large x, small <= large -> side small x -> side large x) /\
  (forall delta, 0 < delta -> exists x, side delta x).

Lemma approach_right : forall a, approach (right_of a).
Proof.
  intros a; split; unfold right_of; [intros; lra | intros delta positive; exists (a + delta / 2); lra].
Qed.

Lemma approach_left : forall b, approach (left_of b).
Proof.
  intros b; split; unfold left_of; [intros; lra | intros delta positive; exists (b - delta / 2); lra].
Qed.

Lemma limit_expected : forall side r f g p, approach side -> 0 <= p <= 1 ->
  limit side (fun q => r q true) f -> limit side (fun q => r q false) g ->
  limit side (expected_reward r p) (p * f + (1 - p) * g).
Proof.
  intros side r f g p [shrink _] p01 to_f to_g eps positive.
  destruct (to_f (eps / 2) ltac:(lra)) as [d [d_positive close_f]].
  destruct (to_g (eps / 2) ltac:(lra)) as [e [e_positive close_g]].
  exists (Rmin d e); split; [apply Rmin_glb_lt; assumption |]; intros x near.
  specialize (close_f x (shrink _ _ x (Rmin_l d e) near)); specialize (close_g x (shrink _ _ x (Rmin_r d e) near)).
  apply Rabs_def2 in close_f; apply Rabs_def2 in close_g; unfold expected_reward.
  assert (- (p * (eps / 2)) <= p * (r x true - f) <= p * (eps / 2)) by nra.
  assert (- ((1 - p) * (eps / 2)) <= (1 - p) * (r x false - g) <= (1 - p) * (eps / 2)) by nra.
  apply Rabs_def1; lra.
Qed.

Lemma limit_at_most : forall side f value bound delta, approach side -> limit side f value -> 0 < delta ->
  (forall x, side delta x -> f x <= bound) -> value <= bound.
Proof.
  intros side f value bound delta [shrink some] tends positive below; apply Rnot_lt_le; intro gap.
  destruct (tends (value - bound) ltac:(lra)) as [d [d_positive close]].
  destruct (some (Rmin d delta)) as [x near]; [apply Rmin_glb_lt; assumption |].
  specialize (close x (shrink _ _ x (Rmin_l _ _) near)); specialize (below x (shrink _ _ x (Rmin_r _ _) near)).
  apply Rabs_def2 in close; lra.
Qed.

Lemma limit_at_least : forall side f value bound delta, approach side -> limit side f value -> 0 < delta ->
  (forall x, side delta x -> bound <= f x) -> bound <= value.
Proof.
  intros side f value bound delta [shrink some] tends positive above; apply Rnot_lt_le; intro gap.
  destruct (tends (bound - value) ltac:(lra)) as [d [d_positive close]].
  destruct (some (Rmin d delta)) as [x near]; [apply Rmin_glb_lt; assumption |].
  specialize (close x (shrink _ _ x (Rmin_l _ _) near)); specialize (above x (shrink _ _ x (Rmin_r _ _) near)).
  apply Rabs_def2 in close; lra.
Qed.

(** ** One piece *)

(** A jump at [t] from payoffs (x, y) to (x', y') is fair: it costs the honest nothing and raises the stakes. *)
Definition fair_jump (t x y x' y' : R) : Prop := t * (x' - x) + (1 - t) * (y' - y) = 0 /\ x - y <= x' - y'.

Section Piece.

Context {r : reward} {a b : R} (inside : 0 <= a /\ a < b /\ b <= 1) {f' g' : R -> R}.
Hypothesis correct_slope : forall t, a < t < b -> derivable_pt_lim (fun q => r q true) t (f' t).
Hypothesis wrong_slope : forall t, a < t < b -> derivable_pt_lim (fun q => r q false) t (g' t).
Hypothesis balanced : forall t, a < t < b -> t * f' t + (1 - t) * g' t = 0.
Hypothesis weight_nonnegative : forall t, a < t < b -> 0 <= f' t - g' t.
Notation U := (expected_reward r).

(** dU(p, t)/dt = (p - t) (f' - g'): a report nearer to p earns at least as much. *)
Lemma expected_slope : forall p t, a < t < b -> derivable_pt_lim (U p) t ((p - t) * (f' t - g' t)).
Proof.
  intros p t between; pose proof (balanced t between).
  replace ((p - t) * (f' t - g' t)) with (p * f' t + (1 - p) * g' t) by lra.
  apply (derivable_pt_lim_plus (fun q => p * r q true) (fun q => (1 - p) * r q false));
    apply derivable_pt_lim_scal; auto.
Qed.

Lemma nearer_from_below : forall p x y, a < x -> x <= y -> y < b -> y <= p -> U p x <= U p y.
Proof.
  intros p x y above [less | <-] below ordered; [| apply Rle_refl].
  destruct (MVT_cor2 (U p) (fun t => (p - t) * (f' t - g' t)) x y less) as [t [growth between]];
    [intros; apply expected_slope; lra |].
  assert (0 <= (p - t) * (f' t - g' t)) by (apply Rmult_le_pos; [lra | apply weight_nonnegative; lra]); nra.
Qed.

Lemma nearer_from_above : forall p x y, a < x -> x <= y -> y < b -> p <= x -> U p y <= U p x.
Proof.
  intros p x y above [less | <-] below ordered; [| apply Rle_refl].
  destruct (MVT_cor2 (U p) (fun t => (p - t) * (f' t - g' t)) x y less) as [t [growth between]];
    [intros; apply expected_slope; lra |].
  assert (0 <= (t - p) * (f' t - g' t)) by (apply Rmult_le_pos; [lra | apply weight_nonnegative; lra]); nra.
Qed.

Context {fa ga fb gb : R}.
Hypothesis correct_at_a : limit (right_of a) (fun q => r q true) fa.
Hypothesis wrong_at_a : limit (right_of a) (fun q => r q false) ga.
Hypothesis correct_at_b : limit (left_of b) (fun q => r q true) fb.
Hypothesis wrong_at_b : limit (left_of b) (fun q => r q false) gb.
Hypothesis fair_at_a : fair_jump a (r a true) (r a false) fa ga.
Hypothesis fair_at_b : fair_jump b fb gb (r b true) (r b false).

Lemma inner_report : forall p q, a <= p <= b -> a < q < b -> U p q <= U p p.
Proof.
  intros p q p_in q_in; destruct fair_at_a as [even_a _]; destruct fair_at_b as [even_b _].
  assert (p = a \/ p = b \/ a < p < b) as [-> | [-> | p_inside]] by lra.
  - replace (U a a) with (a * fa + (1 - a) * ga) by (unfold expected_reward; lra).
    apply (limit_at_least (right_of a) (U a) _ _ (q - a)); [apply approach_right | | lra |].
    + apply limit_expected; auto using approach_right; lra.
    + unfold right_of; intros x near; apply nearer_from_above; lra.
  - replace (U b b) with (b * fb + (1 - b) * gb) by (unfold expected_reward; lra).
    apply (limit_at_least (left_of b) (U b) _ _ (b - q)); [apply approach_left | | lra |].
    + apply limit_expected; auto using approach_left; lra.
    + unfold left_of; intros x near; apply nearer_from_below; lra.
  - destruct (Rle_dec q p); [apply nearer_from_below | apply nearer_from_above]; lra.
Qed.

Theorem proper_on_piece : proper_on r a b.
Proof.
  intros p q p_in q_in; unfold honest_value; destruct fair_at_a as [even_a up_a]; destruct fair_at_b as [even_b up_b].
  assert (q = a \/ q = b \/ a < q < b) as [-> | [-> | q_inside]] by lra; [| | apply inner_report; assumption].
  - apply Rle_trans with (p * fa + (1 - p) * ga); [unfold expected_reward; nra |].
    apply (limit_at_most (right_of a) (U p) _ _ (b - a)); [apply approach_right | | lra |].
    + apply limit_expected; auto using approach_right; lra.
    + unfold right_of; intros x near; apply inner_report; lra.
  - apply Rle_trans with (p * fb + (1 - p) * gb); [unfold expected_reward; nra |].
    apply (limit_at_most (left_of b) (U p) _ _ (b - a)); [apply approach_left | | lra |].
    + apply limit_expected; auto using approach_left; lra.
    + unfold left_of; intros x near; apply inner_report; lra.
Qed.

End Piece.

(** ** Strictness: a weight that vanishes on no interval *)

Theorem strict_of_weight : forall r, proper r ->
  (forall a b, 0 <= a -> a < b -> b <= 1 -> exists t w, a < t < b /\ 0 < w /\ derivable_pt_lim (spread r) t w) ->
  strictly_proper r.
Proof.
  intros r honest weighty; apply (strictly_proper_iff_increasing honest).
  intros a b a01 b01 less; unfold probability in *.
  destruct (weighty a b ltac:(lra) less ltac:(lra)) as [t [w [between [positive slope]]]].
  apply Rnot_le_lt; intro flat.
  assert (forall x, a <= x <= b -> spread r x = spread r a) as constant_between.
  { intros x x_in; pose proof (spread_nondecreasing honest a x); pose proof (spread_nondecreasing honest x b).
    unfold probability in *; lra. }
  destruct (slope w positive) as [[delta delta_positive] close]; simpl in close.
  set (h := Rmin delta (b - t) / 2).
  assert (0 < Rmin delta (b - t)) by (apply Rmin_glb_lt; lra).
  pose proof (Rmin_l delta (b - t)); pose proof (Rmin_r delta (b - t)).
  specialize (close h ltac:(unfold h; lra) ltac:(unfold h; rewrite Rabs_right; lra)).
  rewrite (constant_between (t + h)), (constant_between t) in close by (unfold h; lra).
  replace ((spread r a - spread r a) / h - w) with (- w) in close by (unfold Rdiv; ring).
  rewrite Rabs_Ropp, Rabs_right in close; lra.
Qed.
