(** False: mixtures of threshold bets are safe whatever the signs of their masses. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Cone Thresholds.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall atoms, Forall (fun _ : atom => True) atoms -> safe (mixture atoms)).
Proof.
  intros claim; apply (negative_bet_improper (/ 2)); [lra |]; intros p q p01 q01.
  destruct (claim [(-1, / 2)]) as [honest _]; [repeat constructor |].
  pose proof (honest p q p01 q01) as better; unfold honest_value, mixture in *; simpl in better.
  rewrite !expected_sum, !expected_constant in better; lra.
Qed.

(** The proof of Thresholds.mixture_safe, word for word. *)
Theorem mixture_safe : 
  forall atoms, Forall (fun _ : atom => True) atoms -> safe (mixture atoms).
Proof.
  induction atoms as [| [mass t] rest induction]; intros masses; simpl.
  - apply safe_constant.
  - inversion_clear masses; apply safe_sum; [apply safe_scaled; [assumption | apply bet_safe] | auto].
Qed.
