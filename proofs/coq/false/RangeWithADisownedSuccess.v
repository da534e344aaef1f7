(** False: no safe reward is paid outside its range, a disowned success included. *)

From Coq Require Import Reals Lra Psatz List Arith Bool.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier Thresholds Distributions Cone SafeCone.
Import ListNotations.
Open Scope R_scope.

(** RLCR, except that a correct answer with confidence 0 loses 3: proper and jointly optimal. *)
Definition spike : reward := fun q correct =>
  rlcr 1 q correct - (if correct then if Req_EM_T q 0 then 3 else 0 else 0).

Lemma spike_safe : safe spike.
Proof.
  assert (proper spike) as honest.
  { intros p q p01 q01; pose proof (brier_regret p q); pose proof (pow2_ge_0 (p - q)); unfold probability in *.
    unfold honest_value, expected_reward, spike, rlcr, with_correctness, brier, indicator in *.
    destruct (Req_EM_T q 0), (Req_EM_T p 0); subst; nra. }
  split; [assumption |]; apply jointly_optimal_iff_margin; [assumption |]; intros p p01.
  unfold spike, rlcr, with_correctness, brier, indicator; destruct (Req_EM_T p 0); nra.
Qed.

Lemma variant_is_false : ~ (
  forall r, safe r -> forall q correct, probability q -> (correct = true -> 0 <= q) -> r 1 false <= r q correct <= r
  1 true /\ r 1 true - r 1 false = spread r 1).
Proof.
  intros claim; destruct (claim spike spike_safe 0 true probability_0 (fun _ => Rle_refl 0)) as [[low _] _].
  unfold spike, rlcr, with_correctness, brier, indicator in low; destruct (Req_EM_T 0 0), (Req_EM_T 1 0); lra.
Qed.

(** The proof of SafeCone.safe_range, word for word. *)
Theorem safe_range :
  forall r, safe r -> forall q correct, probability q -> (correct = true -> 0 <= q) -> r 1 false <= r q correct <= r
  1 true /\ r 1 true - r 1 false = spread r 1.
Proof.
  intros r [honest joint] q correct q01 stated; split; [| reflexivity].
  pose proof (on_correct_nondecreasing r honest q 1 q01 probability_1 (proj2 q01)) as high.
  pose proof (spread_nondecreasing honest q 1 q01 probability_1 (proj2 q01)) as steeper.
  pose proof (honest 0 1 probability_0 probability_1) as floor.
  pose proof (honest q 1 q01 probability_1) as better.
  pose proof (honest 1 q probability_1 q01) as best.
  assert (r 1 false <= r q false) as low.
  { unfold honest_value, expected_reward, spread, probability in *.
    destruct (Req_dec q 1) as [-> |]; [lra |]; nra. }
  assert (r 0 false <= r 1 true) as pays by (apply (jointly_optimal_iff_margin r honest); auto; lra).
  assert (r q false <= r 0 false) as falls.
  { pose proof (honest 0 q probability_0 q01); unfold honest_value, expected_reward in *; lra. }
  destruct correct; [| lra]; specialize (stated eq_refl); split; [| assumption].
  pose proof (proj1 (jointly_optimal_iff_margin r honest) joint q ltac:(unfold probability in q01; lra)); lra.
Qed.
