(** False: the formula has to be affine in the score at the report 0 as well. There it may bend: only a law that is surely
    wrong honestly reports 0. *)

From Coq Require Import Reals Lra Psatz List Arith.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier GradedScores.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall grade, grades grade -> forall r, larger_mean_never_earns_less (grade := grade) 2 r ->
  forall q s, 0 <= q < 1 -> grade s -> r q s = s * r q 1 + (1 - s) * r q 0).
Proof.
  intros claim; set (bent := fun q s : R => if Req_EM_T q 0 then - (s * (1 - s)) else 0).
  assert (forall F, law_on probability F -> graded_value bent F = 0) as nothing.
  { intros F law_F; unfold graded_value; destruct (Req_dec (mean_score F) 0) as [zero | other].
    - rewrite (average_at_end all_scores) by auto; rewrite zero; unfold bent; destruct (Req_EM_T 0 0); ring.
    - apply eq_trans with (average F (fun s => 0 * s + 0 * s)); [| rewrite average_linear; ring].
      apply (average_same (grade := probability)); [assumption |]; intros s _.
      unfold bent; destruct (Req_EM_T (mean_score F) 0); [contradiction | ring]. }
  pose proof (claim probability all_scores bent) as bad; unfold bent in bad at 2 3 4.
  specialize (bad ltac:(intros F G law_F law_G _ _ _; rewrite !nothing by assumption; lra) 0 (/ 2) ltac:(lra)
    ltac:(unfold probability; lra)).
  destruct (Req_EM_T 0 0); [lra | contradiction].
Qed.

(** The proof of GradedScores.affine_between_the_ends, word for word. *)
Section Variant.
Context {grade : R -> Prop} (scale : grades grade).

Theorem affine_between_the_ends :
  forall r, larger_mean_never_earns_less (grade := grade) 2 r ->
  forall q s, 0 <= q < 1 -> grade s -> r q s = s * r q 1 + (1 - s) * r q 0.
Proof.
  intros r larger q s inside graded; destruct scale as [zero [one bounded]]; pose proof (bounded s graded) as [low high].
  assert (forall F, law_on grade F -> (length F <= 2)%nat -> mean_score F = q ->
    average F (r q) = q * r q 1 + (1 - q) * r q 0) as level.
  { intros F law_F small mean_F.
    assert (law_on grade (right_or_wrong q)) as law_q by (apply (law_right_or_wrong scale); unfold probability; lra).
    pose proof (larger F (right_or_wrong q) law_F law_q small ltac:(auto)) as up.
    pose proof (larger (right_or_wrong q) F law_q law_F ltac:(auto) small) as down.
    unfold graded_value in up, down; rewrite mean_F, mean_right_or_wrong in up, down.
    replace (q * r q 1 + (1 - q) * r q 0) with (average (right_or_wrong q) (r q)) by (simpl; ring).
    apply Rle_antisym; [apply up | apply down]; lra. }
  assert (forall t w, grade t -> probability w -> w * s + (1 - w) * t = q ->
    w * r q s + (1 - w) * r q t = q * r q 1 + (1 - q) * r q 0) as pair.
  { intros t w graded_t [w_low w_high] mean; rewrite <- (level [(w, s); (1 - w, t)]).
    - simpl; ring.
    - apply law_two; [split |  |]; assumption.
    - simpl; lia.
    - unfold mean_score; simpl; lra. }
  destruct (Rle_lt_dec s q) as [below | above].
  - assert (0 < 1 - s) as gap by lra; set (w := (1 - q) / (1 - s)).
    assert (w * (1 - s) = 1 - q) as weight by (unfold w; field; lra).
    assert (0 < w) by (unfold w; apply Rdiv_lt_0_compat; lra).
    assert (w <= 1) by nra.
    pose proof (pair 1 w one ltac:(unfold probability; lra) ltac:(lra)) as same.
    assert (q * r q 1 + (1 - q) * r q 0 = (1 - w * (1 - s)) * r q 1 + w * (1 - s) * r q 0) by (rewrite weight; ring).
    apply Rmult_eq_reg_l with w; [| lra]; lra.
  - set (w := q / s).
    assert (w * s = q) as weight by (unfold w; field; lra).
    assert (0 < w) by (unfold w; apply Rdiv_lt_0_compat; lra).
    assert (w <= 1) by nra.
    pose proof (pair 0 w zero ltac:(unfold probability; lra) ltac:(lra)) as same.
    assert (q * r q 1 + (1 - q) * r q 0 = w * s * r q 1 + (1 - w * s) * r q 0) by (rewrite weight; ring).
    apply Rmult_eq_reg_l with w; [| lra]; lra.
Qed.

End Variant.
