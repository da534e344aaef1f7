(** False: the affine extension of a proper reward is proper for scores of any size. Beyond 1 its formula means nothing. *)

From Coq Require Import Reals Lra Psatz List Arith.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier GradedScores.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall grade : R -> Prop, grade 0 /\ grade 1 -> forall r, graded_proper grade (affine_extension r) <-> proper r).
Proof.
  intros claim; set (silent := fun q correct => if Rle_dec q 1 then brier q correct else -100).
  assert (proper silent) as honest.
  { intros p q p01 q01; pose proof (strictly_proper_is_proper _ brier_strictly_proper p q p01 q01).
    unfold honest_value, expected_reward, silent, probability in *; destruct (Rle_dec p 1), (Rle_dec q 1); lra. }
  pose proof (proj2 (claim (fun _ => True) (conj I I) silent) honest (surely 2) 1) as bad.
  unfold graded_value in bad; rewrite mean_surely in bad; specialize (bad (law_surely 2 I) probability_1).
  unfold average, surely, affine_extension, silent, brier, indicator in bad; simpl in bad.
  destruct (Rle_dec 2 1), (Rle_dec 1 1); lra.
Qed.

(** The proof of GradedScores.extension_proper_iff, word for word. *)
Section Variant.
Context {grade : R -> Prop} (scale : grade 0 /\ grade 1).

Theorem extension_proper_iff :
  forall r, graded_proper grade (affine_extension r) <-> proper r.
Proof.
  intros r; split.
  - intros honest p q p01 q01; pose proof (honest _ q (law_right_or_wrong scale p p01) q01) as better.
    unfold graded_value in better; rewrite !extension_of_right_or_wrong, mean_right_or_wrong in better; exact better.
  - intros honest F q law_F q01; rewrite extension_value, extension_depends_on_the_mean by assumption.
    apply honest; [apply (mean_score_probability scale) |]; assumption.
Qed.

End Variant.
