(** False: the exact test asked at p = 0 as well. The same reward with a jump refutes it. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier.
Import ListNotations.
Open Scope R_scope.

(** RLCR, except that a correct answer with confidence 0 loses 3: proper and jointly optimal, with R(0, 1) < R(0, 0). *)
Definition spike : reward := fun q correct =>
  rlcr 1 q correct - (if correct then if Req_EM_T q 0 then 3 else 0 else 0).

Lemma spike_proper : proper spike.
Proof.
  intros p q p01 q01; pose proof (brier_regret p q); pose proof (pow2_ge_0 (p - q)); unfold probability in *.
  unfold honest_value, expected_reward, spike, rlcr, with_correctness, brier, indicator in *.
  destruct (Req_EM_T q 0), (Req_EM_T p 0); subst; nra.
Qed.

Lemma spike_jointly_optimal : jointly_optimal spike.
Proof.
  apply jointly_optimal_iff_margin; [exact spike_proper |]; intros p p01.
  unfold spike, rlcr, with_correctness, brier, indicator; destruct (Req_EM_T p 0); nra.
Qed.

Lemma variant_is_false : ~ (
  forall r, proper r -> (jointly_optimal r <-> forall p, 0 <= p <= 1 -> r 0 false <= r p true)).
Proof.
  intros claim; pose proof (proj1 (claim spike spike_proper) spike_jointly_optimal 0 ltac:(lra)) as sign.
  unfold spike, rlcr, with_correctness, brier, indicator in sign; destruct (Req_EM_T 0 0); lra.
Qed.

(** The proof of Margin.jointly_optimal_iff_margin, word for word. *)
Theorem jointly_optimal_iff_margin : 
  forall r, proper r -> (jointly_optimal r <-> forall p, 0 <= p <= 1 -> r 0 false <= r p true).
Proof.
  intros r honest; split.
  - intros joint p p01; apply Rnot_lt_le; intro short; exact (converse honest p p01 short joint).
  - intros margin; apply jointly_optimal_iff_least_at_zero; [assumption |]; intros p p01.
    apply Rnot_lt_le; intro below.
    set (gain := r 1 true - r 0 true).
    assert (0 <= gain).
    { unfold gain; pose proof (on_correct_nondecreasing r honest 0 1); unfold probability in *; lra. }
    set (s := Rmin (/ 2) ((r 0 false - honest_value r p) / (4 * (gain + 1)))).
    assert (0 < (r 0 false - honest_value r p) / (4 * (gain + 1))) by (apply Rdiv_lt_0_compat; lra).
    assert (0 < s <= / 2) as small by (unfold s; split; [apply Rmin_glb_lt; lra | apply Rmin_l]).
    assert (s * (4 * (gain + 1)) <= r 0 false - honest_value r p).
    { apply Rle_trans with ((r 0 false - honest_value r p) / (4 * (gain + 1)) * (4 * (gain + 1))).
      - apply Rmult_le_compat_r; [lra | apply Rmin_r].
      - apply Req_le; field; lra. }
    pose proof (on_wrong_continuous_at_zero r honest s small) as floor; fold gain in floor.
    pose proof (margin s ltac:(lra)).
    pose proof (honest p s p01 ltac:(unfold probability; lra)) as better.
    unfold expected_reward, probability in *; nra.
Qed.
