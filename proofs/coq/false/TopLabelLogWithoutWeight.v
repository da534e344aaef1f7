(** False: the log score of the named answer fails at weight 0 too. There the better answer earns more, whatever it says. *)

From Coq Require Import Reals Lra Psatz List Arith Lia.
From ScoringTheory Require Import Definitions JointOptimality Margin Extended Brier Logarithm KClass ClassRules ClassTies.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall lam, 0 <= lam -> exists K p best a, distribution_on K p /\ mode_of K p best /\ (a < K)%nat /\
  below (expected (log_reward lam) (p best) (p best)) (expected (log_reward lam) (p a) 0)).
Proof.
  intros claim; destruct (claim 0 ltac:(lra)) as [K [p [best [a [sums [[inside top] [a_inside better]]]]]]].
  pose proof (distribution_probability K p best sums inside) as [low high].
  assert (log_reward 0 0 false = Some 0) as disowned.
  { unfold log_reward; simpl; rewrite extended_ln_1; f_equal; ring. }
  assert (log_reward 0 0 true = None) as ruin by (unfold log_reward; simpl; rewrite extended_ln_0; reflexivity).
  unfold expected in better at 2; rewrite disowned, ruin in better.
  destruct (Req_EM_T (p a) 0); [| destruct (Req_EM_T (p a) 1)]; [| destruct (expected _ _ _); exact better ..].
  unfold expected, log_reward in better.
  destruct (Req_EM_T (p best) 0) as [-> |]; [rewrite extended_ln_1 in better; simpl in better; lra |].
  destruct (Req_EM_T (p best) 1) as [-> |]; [rewrite (extended_ln_positive 1), ln_1 in better by lra; simpl in better; lra |].
  rewrite !extended_ln_positive in better by lra; simpl in better; lra.
Qed.

(** The proof of ClassTies.top_label_log_fails, word for word. *)
Theorem top_label_log_fails :
  forall lam, 0 <= lam -> exists K p best a, distribution_on K p /\ mode_of K p best /\ (a < K)%nat /\
  below (expected (log_reward lam) (p best) (p best)) (expected (log_reward lam) (p a) 0).
Proof.
  intros lam positive; destruct (log_fails_at_witness lam positive) as [inside better].
  set (p := exp (- (2 / lam))) in *; destruct (spread_out_enough p ltac:(lra)) as [m [rest [sums top]]].
  exists (S (S m)), (spread_out p rest), 1%nat, 0%nat; repeat split; try apply sums; try apply top; try lia; exact better.
Qed.
