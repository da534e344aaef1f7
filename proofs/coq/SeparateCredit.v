(** * Separate credit for the answer and for the confidence

    Some trainers reward the tokens of the answer for correctness alone and the tokens of the confidence for a proper
    score alone. If the two are chosen separately, the score cannot change which answer is chosen, so every weight is
    safe; paid for their sum, the same weight makes a deliberately wrong answer the better choice. What parameters that
    both choices share leave of this is not treated here. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier.
Import ListNotations.
Open Scope R_scope.

(** Correctness alone, whatever the report. *)
Definition correctness : reward := fun _ correct => indicator correct.

Lemma expected_correctness : forall p q, expected_reward correctness p q = p.
Proof. intros; unfold expected_reward, correctness, indicator; ring. Qed.

(** The answer (of success probability [p]) is best for correctness, and the report [q] is best for the score of that
    answer, with weight [w]: neither choice can be improved for what it is rewarded for. *)
Definition separately_optimal (w : R) (s : reward) (answers : list R) (p q : R) : Prop :=
  (In p answers /\ forall p', In p' answers -> expected_reward correctness p' q <= expected_reward correctness p q) /\
  (probability q /\ forall q', probability q' -> expected_reward (scaled w s) p q' <= expected_reward (scaled w s) p q).

Lemma expected_scaled : forall w s p q, expected_reward (scaled w s) p q = w * expected_reward s p q.
Proof. intros; unfold expected_reward, scaled; ring. Qed.

(** A proper score at any weight: the best answer with its true probability is such a choice. *)
Theorem separate_credit_honest : forall w s answers best, 0 <= w -> proper s -> best_of answers best ->
  separately_optimal w s answers best best.
Proof.
  intros w s answers best nonnegative honest [all [among top]]; rewrite Forall_forall in all.
  repeat split; try apply all; auto; intros p' other.
  - rewrite !expected_correctness; auto.
  - rewrite !expected_scaled; apply Rmult_le_compat_l; [assumption | apply honest; auto].
Qed.

(** A strictly proper score at any positive weight: it is the only one. *)
Theorem separate_credit_iff : forall w s answers best, 0 < w -> strictly_proper s -> best_of answers best ->
  forall p q, separately_optimal w s answers p q <-> p = best /\ q = best.
Proof.
  intros w s answers best positive strict top p q; split.
  - intros [[member better] [q01 truer]]; pose proof top as [all [among most]]; rewrite Forall_forall in all.
    specialize (better best among); rewrite !expected_correctness in better; specialize (most p member).
    assert (p = best) as -> by lra; split; [reflexivity |].
    destruct (Req_dec q best) as [same | distinct]; [assumption | exfalso].
    specialize (truer best (all best among)); rewrite !expected_scaled in truer.
    pose proof (strict best q (all best among) q01 ltac:(auto)); unfold honest_value in *; nra.
  - intros [-> ->]; apply separate_credit_honest; [lra | apply strictly_proper_is_proper |]; assumption.
Qed.

(** One objective for both is another matter above the critical weight. Brier at weight 2, answers of success
    probability 0 and 1/4: together, the surely wrong answer with confidence 0 earns 0 and the honest better one -1/8;
    with separate credit the better one is chosen, with its true probability. *)
Theorem shared_credit_fails :
  expected_reward (with_correctness 2 brier) 0 0 = 0 /\
  expected_reward (with_correctness 2 brier) (/ 4) (/ 4) = - / 8 /\
  (forall p q, separately_optimal 2 brier [0; / 4] p q <-> p = / 4 /\ q = / 4).
Proof.
  split; [| split]; try (unfold expected_reward, with_correctness, brier, indicator; field).
  apply separate_credit_iff; [lra | exact brier_strictly_proper |].
  repeat split; simpl; auto; [| intuition (subst; lra)].
  apply Forall_cons; [| apply Forall_cons; [| apply Forall_nil]]; unfold probability; lra.
Qed.

(** The same at every weight above the critical one: for some answers the shared objective prefers another choice. *)
Theorem shared_credit_fails_above_the_critical_weight : forall w s limit,
  0 < w -> strictly_proper s -> right_limit_at_zero (fun q => s q true) limit -> 1 < w * (s 0 false - limit) ->
  exists worse best, probability worse /\ probability best /\ worse < best /\
  honest_value (with_correctness w s) best < honest_value (with_correctness w s) worse /\
  (forall p q, separately_optimal w s [worse; best] p q <-> p = best /\ q = best).
Proof.
  intros w s limit positive strict tends above; pose proof (strictly_proper_is_proper s strict) as honest.
  set (room := w * (s 0 false - limit) - 1) in *; assert (0 < room / w) as eps by (apply Rdiv_lt_0_compat; unfold room; lra).
  destruct (tends _ eps) as [delta [delta_positive close]].
  pose proof (Rmin_l (delta / 2) 1); pose proof (Rmin_r (delta / 2) 1).
  assert (0 < Rmin (delta / 2) 1) by (apply Rmin_glb_lt; lra).
  set (best := Rmin (delta / 2) 1) in *; specialize (close best ltac:(lra)); apply Rabs_def2 in close.
  assert (w * (room / w) = room) as scale by (field; lra).
  assert (probability best) by (unfold probability; lra).
  exists 0, best; split; [auto | split; [assumption | split; [lra | split]]].
  - apply (converse_witness (with_correctness_proper w s ltac:(lra) honest)); [lra |].
    unfold with_correctness, indicator; assert (w * s best true < w * (limit + room / w)) by (apply Rmult_lt_compat_l; lra).
    unfold room in *; lra.
  - apply separate_credit_iff; try assumption.
    split; [repeat (apply Forall_cons; [auto |]); apply Forall_nil | split; simpl; auto; intuition (subst; lra)].
Qed.
