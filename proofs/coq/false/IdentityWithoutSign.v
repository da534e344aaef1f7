(** False: properness by the identity with the factor nonpositive. Minus the Brier score refutes it. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Brier Cone WeightIdentity.
Import ListNotations.
Open Scope R_scope.

Lemma variant_is_false : ~ (
  forall r H (identity : regret_factor r H), proper r <-> (forall p q, probability p -> probability q -> p <> q ->
  H p q <= 0)).
Proof.
  intros claim.
  assert (regret_factor (scaled (-1) brier) (fun _ _ => -1)) as identity.
  { intros p q; pose proof (brier_regret p q); unfold honest_value in *; rewrite !expected_scaled; lra. }
  assert (proper (scaled (-1) brier)) as honest by (apply (claim _ _ identity); intros; lra).
  pose proof (honest 0 1 probability_0 probability_1) as better; pose proof (brier_regret 0 1).
  unfold honest_value in *; rewrite !expected_scaled in better; lra.
Qed.

(** The proof of WeightIdentity.proper_iff_factor_nonnegative, word for word. *)
Section Variant.
Context {r : reward} {H : R -> R -> R} (identity : regret_factor r H).

Theorem proper_iff_factor_nonnegative : 
  proper r <-> (forall p q, probability p -> probability q -> p <> q -> H p q <= 0).
Proof.
  split.
  - intros honest p q p01 q01 distinct; pose proof (identity p q) as regret; pose proof (honest p q p01 q01).
    pose proof (square_positive (p - q) ltac:(lra)); apply Rnot_lt_le; intro negative; nra.
  - intros nonnegative p q p01 q01; destruct (Req_dec p q) as [<- | distinct]; [apply Rle_refl |].
    pose proof (identity p q); pose proof (nonnegative p q p01 q01 distinct); pose proof (pow2_ge_0 (p - q)); nra.
Qed.

End Variant.
