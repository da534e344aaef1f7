(** False: the limit is the same where a wrong answer, too, is paid more for a higher confidence. Then confidence is
    all that pays. *)

From Coq Require Import Reals Lra Psatz List Arith Bool.
From ScoringTheory Require Import Definitions JointOptimality Brier Normalised Pieces SmallSpread Populations.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall r q0 slope p zs z, differentiable_with r q0 slope -> 0 < slope true -> 0 < slope false -> zs <> [] -> 0 <
  deviation zs -> limit (right_of 0) (fun h => shared_advantage r p (map (fun x => q0 + h * x) zs) (q0 + h * z)) ((2
  * p - 1) * standardised zs z)).
Proof.
  intros claim; set (r := (fun q _ => q) : reward).
  assert (differentiable_with r 0 (fun _ => 1)) as smooth by (intros correct; apply derivable_pt_lim_id).
  assert (0 < deviation [1; -1]) as spread by (rewrite deviation_pair, Rabs_right; lra).
  destruct (claim r 0 (fun _ => 1) 0 [1; -1] 1 smooth ltac:(lra) ltac:(lra) ltac:(congruence) spread 1 ltac:(lra))
    as [d [positive close]].
  specialize (close (d / 2) ltac:(unfold right_of; lra)); unfold shared_advantage, r in close; simpl in close.
  rewrite !standardised_pair_high in close by lra; apply Rabs_def2 in close; lra.
Qed.

(** The proof of Populations.shared_population_limit, word for word. *)
Theorem shared_population_limit :
  forall r q0 slope p zs z, differentiable_with r q0 slope -> 0 < slope true -> 0 < slope false -> zs <> [] -> 0 <
  deviation zs -> limit (right_of 0) (fun h => shared_advantage r p (map (fun x => q0 + h * x) zs) (q0 + h * z)) ((2
  * p - 1) * standardised zs z).
Proof.
  intros r q0 slope p zs z smooth up down some spread; unfold shared_advantage.
  replace ((2 * p - 1) * standardised zs z) with (p * (slope true / Rabs (slope true) * standardised zs z)
    + (1 - p) * (slope false / Rabs (slope false) * standardised zs z)) by (rewrite sign_up, sign_down by assumption; ring).
  apply (limit_plus (approach_right 0)); apply limit_scaled;
    (eapply limit_same; [| apply agreeing_limit; try eassumption; lra]);
    intros h; rewrite map_map; reflexivity.
Qed.
