(** False: pieces that cover [1/2, 1] alone make the whole reward proper. Paying 5 for a low confidence refutes it. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Distributions Pieces.
Import ListNotations.
Open Scope R_scope.

Definition bribe : reward := fun q _ => if Rlt_dec q (/ 2) then 5 else 0.

Lemma variant_is_false : ~ (forall r cuts, pieces r (/ 2) cuts -> proper r).
Proof.
  intros claim; assert (proper bribe) as honest.
  { apply (claim bribe [1]); simpl; repeat split; try lra; intros p q p_in q_in.
    unfold honest_value, expected_reward, bribe; destruct (Rlt_dec p (/ 2)), (Rlt_dec q (/ 2)); lra. }
  pose proof (honest 1 0 probability_1 probability_0) as better; unfold honest_value, expected_reward, bribe in better.
  destruct (Rlt_dec 0 (/ 2)), (Rlt_dec 1 (/ 2)); lra.
Qed.

(** The proof of Pieces.proper_of_pieces, word for word. *)
Theorem proper_of_pieces : forall r cuts, pieces r (/ 2) cuts -> proper r.
Proof.
  intros r cuts; enough (forall a, pieces r a cuts -> a <= 1 /\ proper_on r a 1) as all.
  { intros chain; destruct (all 0 chain) as [_ whole]; exact whole. }
  induction cuts as [| b rest induction]; simpl; intros a chain.
  - subst; split; [lra |]; intros p q p1 q1; replace q with p by lra; apply Rle_refl.
  - destruct chain as [ordered [first chain]]; destruct (induction b chain) as [below others].
    split; [lra |]; apply proper_glue with b; auto.
Qed.
