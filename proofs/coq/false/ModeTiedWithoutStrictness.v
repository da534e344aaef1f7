(** False: a merely proper score of the whole distribution decides the report. The score 0 does not. *)

From Coq Require Import Reals Lra Psatz List Arith Bool.
From ScoringTheory Require Import Definitions KClass ClassRules ClassTies.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall K lam s p best, 0 < lam -> class_proper K s -> class_proper K s -> distribution_on K p -> mode_of K p best
  -> forall answer q, distribution_on K q -> mode_of K q answer -> (differ K p q -> expectation K p (class_reward
  lam s answer q) < expectation K p (class_reward lam s best p)) /\ (~ differ K p q -> p answer = p best)).
Proof.
  intros claim; set (p := fun y => if Nat.eqb y 0 then 1 else 0); set (q := fun y => if Nat.eqb y 0 then 3 / 4 else / 4).
  assert (distribution_on 2 p) as p_sums by (split; [intros [|] _; unfold p |]; simpl; unfold p; simpl; lra).
  assert (distribution_on 2 q) as q_sums by (split; [intros [|] _; unfold q |]; simpl; unfold q; simpl; lra).
  assert (mode_of 2 p 0) as p_mode by (split; [auto | intros [|] _; unfold p; simpl; lra]).
  assert (mode_of 2 q 0) as q_mode by (split; [auto | intros [|] _; unfold q; simpl; lra]).
  assert (class_proper 2 (fun _ _ => 0)) as honest by (intros x y _ _; lra).
  destruct (claim 2%nat 1 (fun _ _ => 0) p 0%nat ltac:(lra) honest honest p_sums p_mode 0%nat q q_sums q_mode)
    as [strict _].
  assert (differ 2 p q) as other by (exists 0%nat; split; [auto | unfold p, q; simpl; lra]).
  specialize (strict other).
  unfold expectation, class_reward in strict; simpl in strict; lra.
Qed.

(** The proof of ClassTies.mode_tied_only_the_report, word for word. *)
Theorem mode_tied_only_the_report :
  forall K lam s p best, 0 < lam -> class_proper K s -> class_proper K s -> distribution_on K p -> mode_of K p best
  -> forall answer q, distribution_on K q -> mode_of K q answer -> (differ K p q -> expectation K p (class_reward
  lam s answer q) < expectation K p (class_reward lam s best p)) /\ (~ differ K p q -> p answer = p best).
Proof.
  intros K lam s p best positive strict honest p_sums [inside top] answer q q_sums [answer_inside answer_top]; split.
  - intros other; apply untied_report_strictly_optimal; auto.
  - intros same; assert (forall y, (y < K)%nat -> p y = q y) as equal.
    { intros y below; destruct (Req_dec (p y) (q y)) as [| apart]; [assumption |].
      exfalso; apply same; exists y; auto. }
    apply Rle_antisym; [auto |]; rewrite !equal by assumption; auto.
Qed.
