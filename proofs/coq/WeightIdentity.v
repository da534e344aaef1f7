(** * The weight identity

    For a polynomial rule the loss from a false report factors:

      U(p, p) - U(p, q) = (p - q)^2 H(p, q),   H(p, q) = integral over s in [0, 1] of (1 - s) w(q + s (p - q)).

    So properness is the nonnegativity of one polynomial, and the identity is checked by [ring] or [field] with no
    calculus. `proofs/to_coq` writes files of this shape; the two examples below are the two forms of weight that
    it accepts. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality.
Open Scope R_scope.

Definition regret_factor (r : reward) (H : R -> R -> R) : Prop :=
  forall p q, honest_value r p - expected_reward r p q = (p - q) ^ 2 * H p q.

Section Identity.

Context {r : reward} {H : R -> R -> R} (identity : regret_factor r H).

Theorem proper_by_identity : (forall p q, probability p -> probability q -> 0 <= H p q) -> proper r.
Proof.
  intros nonnegative p q p01 q01; pose proof (identity p q) as regret.
  pose proof (Rmult_le_pos _ _ (pow2_ge_0 (p - q)) (nonnegative p q p01 q01)); lra.
Qed.

Theorem strictly_proper_by_identity :
  (forall p q, probability p -> probability q -> p <> q -> 0 < H p q) -> strictly_proper r.
Proof.
  intros positive p q p01 q01 distinct; pose proof (identity p q) as regret.
  pose proof (Rmult_lt_0_compat _ _ (square_positive (p - q) ltac:(lra)) (positive p q p01 q01 distinct)); lra.
Qed.

(** The condition is exact. *)
Theorem proper_iff_factor_nonnegative :
  proper r <-> (forall p q, probability p -> probability q -> p <> q -> 0 <= H p q).
Proof.
  split.
  - intros honest p q p01 q01 distinct; pose proof (identity p q) as regret; pose proof (honest p q p01 q01).
    pose proof (square_positive (p - q) ltac:(lra)); apply Rnot_lt_le; intro negative; nra.
  - intros nonnegative p q p01 q01; destruct (Req_dec p q) as [<- | distinct]; [apply Rle_refl |].
    pose proof (identity p q); pose proof (nonnegative p q p01 q01 distinct); pose proof (pow2_ge_0 (p - q)); nra.
Qed.

End Identity.

(** ** Weight 12 t (1 - t), a sum of nonnegative terms in t and 1 - t *)

Definition beta22 : reward := fun q correct =>
  if correct then 6 * q ^ 2 - 8 * q ^ 3 + 3 * q ^ 4 else - 4 * q ^ 3 + 3 * q ^ 4.

Definition beta22_factor (p q : R) : R :=
  p * (1 - p) + p * (1 - q) + q * (1 - p) + 3 * (q * (1 - q)).

Lemma beta22_identity : regret_factor beta22 beta22_factor.
Proof. intros p q; unfold honest_value, expected_reward, beta22, beta22_factor; ring. Qed.

Theorem beta22_strictly_jointly_optimal : strictly_jointly_optimal beta22.
Proof.
  apply strict_joint_optimality; [| unfold beta22; lra].
  apply (strictly_proper_by_identity beta22_identity); intros p q [] [] distinct; unfold beta22_factor.
  assert (0 <= p * (1 - p) /\ 0 <= q * (1 - q)) by (split; apply Rmult_le_pos; lra).
  assert (0 <= p * (1 - q) /\ 0 <= q * (1 - p)) by (split; apply Rmult_le_pos; lra).
  destruct (Rlt_le_dec q p); [assert (0 < p * (1 - q)) by (apply Rmult_lt_0_compat; lra)
    | assert (0 < q * (1 - p)) by (apply Rmult_lt_0_compat; lra)]; lra.
Qed.

(** ** Weight 6 (2 t - 1)^2, a square that vanishes at 1/2 *)

Definition square : reward := fun q correct =>
  if correct then 6 * q - 15 * q ^ 2 + 16 * q ^ 3 - 6 * q ^ 4 else - 3 * q ^ 2 + 8 * q ^ 3 - 6 * q ^ 4.

Definition square_factor (p q : R) : R := 2 * (p + q - 1) ^ 2 + (2 * q - 1) ^ 2.

Lemma square_identity : regret_factor square square_factor.
Proof. intros p q; unfold honest_value, expected_reward, square, square_factor; ring. Qed.

(** A single zero of the weight costs nothing: the rule is still strictly proper. *)
Theorem square_strictly_jointly_optimal : strictly_jointly_optimal square.
Proof.
  apply strict_joint_optimality; [| unfold square; lra].
  apply (strictly_proper_by_identity square_identity); intros p q _ _ distinct; unfold square_factor.
  pose proof (pow2_ge_0 (p + q - 1)); pose proof (pow2_ge_0 (2 * q - 1)).
  destruct (Req_dec q (/ 2)) as [-> |]; [| pose proof (square_positive (2 * q - 1)); lra].
  pose proof (square_positive (p + / 2 - 1)); lra.
Qed.
