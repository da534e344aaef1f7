(** False: no interior report is stable at p = 1/2 either. There the deviant of a group of two expects nothing. *)

From Coq Require Import Reals Lra Psatz List Arith Bool.
From ScoringTheory Require Import Definitions JointOptimality Brier Normalised Pieces SmallSpread.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall r p n q0, strictly_proper r -> probability p -> p = p -> (1 <= n)%nat -> 0 < q0 < 1 -> payoffs_continuous
  (right_of q0) r q0 -> payoffs_continuous (left_of q0) r q0 -> exists q, probability q /\ (/ 2 < p -> q0 < q) /\ (p
  < / 2 -> q < q0) /\ 0 < independent_advantage r p n q0 q).
Proof.
  intros claim.
  destruct (claim (rlcr 1) (/ 2) 1%nat (/ 2)) as [q [q01 [_ [_ gain]]]]; auto; try (unfold probability; lra).
  - apply rlcr_strictly_proper; lra.
  - apply rlcr_continuous; [unfold right_of; intros; apply Rabs_def1; lra | lra].
  - apply rlcr_continuous; [unfold left_of; intros; apply Rabs_def1; lra | lra].
  - unfold probability in q01; unfold independent_advantage, deviant_advantage in gain; simpl in gain.
    assert (rlcr 1 q true = 1 - (1 - q) ^ 2 /\ rlcr 1 q false = - q ^ 2) as [right wrong].
    { unfold rlcr, with_correctness, brier, indicator; split; ring. }
    assert (rlcr 1 (/ 2) true = 3 / 4 /\ rlcr 1 (/ 2) false = - / 4) as [half_right half_wrong].
    { unfold rlcr, with_correctness, brier, indicator; split; field. }
    rewrite right, wrong, half_right, half_wrong in gain.
    rewrite (standardised_pair_high (1 - (1 - q) ^ 2) (- / 4)), (standardised_pair_low (- q ^ 2) (3 / 4)) in gain by nra.
    destruct (Rtotal_order q (/ 2)) as [below | [-> | above]].
    + rewrite (standardised_pair_low _ (3 / 4)), (standardised_pair_high _ (- / 4)) in gain by nra; lra.
    + replace (1 - (1 - / 2) ^ 2) with (3 / 4) in gain by field; replace (- (/ 2) ^ 2) with (- / 4) in gain by field.
      assert (forall x, standardised [x; x] x = 0) as alike; [| rewrite !alike in gain; lra].
      intros x; unfold standardised, Rdiv; replace (x - mean [x; x]) with 0 by (unfold mean; simpl; field); ring.
    + rewrite (standardised_pair_high _ (3 / 4)), (standardised_pair_low _ (- / 4)) in gain by nra; lra.
Qed.

(** The proof of SmallSpread.no_interior_report_is_stable, word for word. *)
Theorem no_interior_report_is_stable :
  forall r p n q0, strictly_proper r -> probability p -> p = p -> (1 <= n)%nat -> 0 < q0 < 1 -> payoffs_continuous
  (right_of q0) r q0 -> payoffs_continuous (left_of q0) r q0 -> exists q, probability q /\ (/ 2 < p -> q0 < q) /\ (p
  < / 2 -> q < q0) /\ 0 < independent_advantage r p n q0 q.
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
