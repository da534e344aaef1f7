(** False: the report 0 may pay anything between right and wrong. If it pays a half-right answer more, that answer is disowned. *)

From Coq Require Import Reals Lra Psatz List Arith.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier GradedScores.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall grade, grades grade -> forall r,
  graded_jointly_optimal grade r <->
  (forall q s, 0 < q < 1 -> grade s -> r q s = s * r q 1 + (1 - s) * r q 0) /\
  jointly_optimal (restricted r) /\
  (forall F q, law_on grade F -> q = 1 -> average F (r q) <= honest_value (restricted r) (mean_score F))).
Proof.
  intros claim; set (bent := fun q s : R => if Req_EM_T q 0 then s * (1 - s) else 0).
  assert (forall p q, expected_reward (restricted bent) p q = 0) as nothing.
  { intros p q; unfold expected_reward, restricted, bent, indicator; destruct (Req_EM_T q 0); ring. }
  pose proof (proj2 (claim probability all_scores bent)) as joint.
  assert (graded_jointly_optimal probability bent) as bad.
  { apply joint; split; [| split].
    - intros q s inside _; unfold bent; destruct (Req_EM_T q 0); lra.
    - intros answers best _ p q _ _; unfold honest_value; rewrite !nothing; lra.
    - intros F q law_F ->; unfold honest_value; rewrite nothing.
      apply Req_le, eq_trans with (average F (fun s => 0 * s + 0 * s)); [| rewrite average_linear; ring].
      apply (average_same (grade := probability)); [assumption |]; intros s _.
      unfold bent; destruct (Req_EM_T 1 0); lra. }
  specialize (bad [surely (/ 2)] (surely (/ 2))).
  assert (best_law probability [surely (/ 2)] (surely (/ 2))) as alone.
  { split; [apply Forall_cons; [apply law_surely; unfold probability; lra | apply Forall_nil] |].
    split; [left; reflexivity | intros F [<- | []]; apply Rle_refl]. }
  specialize (bad alone (surely (/ 2)) 0 ltac:(simpl; auto) probability_0); unfold graded_value in bad.
  rewrite mean_surely in bad; unfold surely, average, bent in bad; simpl in bad.
  destruct (Req_EM_T 0 0), (Req_EM_T (/ 2) 0); lra.
Qed.

(** The proof of GradedScores.graded_jointly_optimal_iff, word for word. *)
Section Variant.
Context {grade : R -> Prop} (scale : grades grade).

Theorem graded_jointly_optimal_iff :
  forall r,
  graded_jointly_optimal grade r <->
  (forall q s, 0 < q < 1 -> grade s -> r q s = s * r q 1 + (1 - s) * r q 0) /\
  jointly_optimal (restricted r) /\
  (forall F q, law_on grade F -> q = 1 -> average F (r q) <= honest_value (restricted r) (mean_score F)).
Proof.
  intros r.
  assert ((forall q s, 0 < q < 1 -> grade s -> r q s = s * r q 1 + (1 - s) * r q 0) -> forall F q, law_on grade F ->
    0 < q < 1 -> average F (r q) = expected_reward (restricted r) (mean_score F) q) as between.
  { intros affine F q law_F inside.
    rewrite (average_same (grade := grade) F _ (fun s => s * r q 1 + (1 - s) * r q 0))
      by (try assumption; intros; apply affine; assumption).
    rewrite (average_affine (grade := grade)) by assumption.
    unfold expected_reward, restricted, indicator; ring. }
  assert ((forall q s, 0 < q < 1 -> grade s -> r q s = s * r q 1 + (1 - s) * r q 0) -> forall F, law_on grade F ->
    graded_value r F = honest_value (restricted r) (mean_score F)) as value.
  { intros affine F law_F; pose proof (mean_score_probability scale F law_F) as [low high]; unfold graded_value.
    destruct (Req_dec (mean_score F) 0) as [zero | positive]; [| destruct (Req_dec (mean_score F) 1) as [one | less]].
    - rewrite (average_at_end scale) by auto; rewrite zero, honest_value_0; reflexivity.
    - rewrite (average_at_end scale) by auto; rewrite one; unfold honest_value, expected_reward, restricted, indicator; ring.
    - apply between; [assumption | assumption | lra]. }
  split.
  - intros joint.
    assert (forall q s, 0 < q < 1 -> grade s -> r q s = s * r q 1 + (1 - s) * r q 0) as affine
      by (apply affine_between_the_ends, joint_is_monotone; assumption).
    split; [exact affine | split].
    + intros answers best [all [among top]] p q member q01; rewrite Forall_forall in all.
      rewrite <- average_right_or_wrong, <- value_right_or_wrong.
      apply (joint (map right_or_wrong answers)); [| apply in_map; assumption | assumption].
      repeat split; [| apply in_map; assumption |].
      * apply Forall_forall; intros F found; apply in_map_iff in found; destruct found as [x [<- x_among]].
        apply (law_right_or_wrong scale); auto.
      * intros F found; apply in_map_iff in found; destruct found as [x [<- x_among]]; rewrite !mean_right_or_wrong; auto.
    + intros F q law_F extreme; rewrite <- value by assumption.
      apply (joint [F] F); simpl; auto; [| unfold probability; lra].
      repeat split; simpl; auto; intros G [<- | []]; lra.
  - intros [affine [joint ends]] answers best [all [among top]] F q member q01; rewrite Forall_forall in all.
    rewrite value by auto.
    assert (best_of [mean_score F; mean_score best] (mean_score best)) as two.
    { repeat split; simpl; auto; [| intros p [<- | [<- | []]]; auto; lra].
      apply Forall_cons; [| apply Forall_cons; [| apply Forall_nil]]; apply (mean_score_probability scale); auto. }
    pose proof (mean_score_probability scale F (all F member)) as mean01; pose proof q01 as [low high].
    destruct (Req_dec q 0) as [-> | positive]; [| destruct (Req_dec q 1) as [-> | less]].
    + apply Rle_trans with (1 := ends F 0 (all F member) ltac:(auto)).
      apply (joint _ _ two); simpl; auto.
    + apply Rle_trans with (1 := ends F 1 (all F member) ltac:(auto)).
      apply (joint _ _ two); simpl; auto.
    + rewrite between by (auto; lra); apply (joint _ _ two); simpl; auto.
Qed.

End Variant.
