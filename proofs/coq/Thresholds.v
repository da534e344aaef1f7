(** * Threshold bets

    B_t(q, c) = (c - t) [q > t]: stand by the answer and be paid 1 - t or - t, or abstain and get 0. Every finite
    mixture with nonnegative masses is proper and jointly optimal; mass at t = 0 is the plain bonus for being
    correct. *)

From Coq Require Import Reals Lra Psatz List.
From ScoringTheory Require Import Definitions JointOptimality Cone.
Import ListNotations.
Open Scope R_scope.

Definition bet (t : R) : reward := fun q correct => if Rlt_dec t q then indicator correct - t else 0.

Lemma bet_expected : forall t p q, expected_reward (bet t) p q = if Rlt_dec t q then p - t else 0.
Proof. intros; unfold expected_reward, bet, indicator; destruct (Rlt_dec t q); ring. Qed.

(** Bet exactly when the odds are in favour: the value is max(p - t, 0). *)
Lemma bet_honest_value : forall t p, honest_value (bet t) p = Rmax (p - t) 0.
Proof.
  intros; unfold honest_value; rewrite bet_expected; destruct (Rlt_dec t p).
  - rewrite Rmax_left; lra.
  - rewrite Rmax_right; lra.
Qed.

Theorem bet_proper : forall t, proper (bet t).
Proof.
  intros t p q _ _; rewrite bet_honest_value, bet_expected; destruct (Rlt_dec t q); [apply Rmax_l | apply Rmax_r].
Qed.

Theorem bet_safe : forall t, safe (bet t).
Proof.
  intros t; apply safe_iff; split; [apply bet_proper |].
  intros a b _ _ ordered; rewrite !bet_honest_value; apply Rle_max_compat_r; lra.
Qed.

(** ** Finite mixtures *)

(** One term of a mixture: its mass, and the threshold where the mass sits. *)
Definition atom : Type := (R * R)%type.

Definition mixture (atoms : list atom) : reward :=
  fold_right (fun '(mass, t) rest => sum (scaled mass (bet t)) rest) (constant 0) atoms.

Definition nonnegative_masses (atoms : list atom) : Prop := Forall (fun '(mass, _) => 0 <= mass) atoms.

Theorem mixture_safe : forall atoms, nonnegative_masses atoms -> safe (mixture atoms).
Proof.
  induction atoms as [| [mass t] rest induction]; intros masses; simpl.
  - apply safe_constant.
  - inversion_clear masses; apply safe_sum; [apply safe_scaled; [assumption | apply bet_safe] | auto].
Qed.

Corollary mixture_proper : forall atoms, nonnegative_masses atoms -> proper (mixture atoms).
Proof. intros atoms masses; apply mixture_safe; assumption. Qed.

Corollary mixture_jointly_optimal : forall atoms, nonnegative_masses atoms -> jointly_optimal (mixture atoms).
Proof. intros atoms masses; apply mixture_safe; assumption. Qed.

(** ** What a mixture looks like *)

(** F(q): the mass of the thresholds below [q]. *)
Definition mass_below (atoms : list atom) (q : R) : R :=
  fold_right (fun '(mass, t) rest => (if Rlt_dec t q then mass else 0) + rest) 0 atoms.

Definition total_mass (atoms : list atom) : R := fold_right (fun '(mass, _) rest => mass + rest) 0 atoms.

(** The spread of a mixture is its distribution function. *)
Theorem mixture_spread : forall atoms q, spread (mixture atoms) q = mass_below atoms q.
Proof.
  intros atoms q; induction atoms as [| [mass t] rest induction]; simpl.
  - unfold spread, mixture, constant; simpl; ring.
  - rewrite <- induction; unfold spread, sum, scaled, bet, indicator; destruct (Rlt_dec t q); ring.
Qed.

(** From the best payoff, R(1, 1), to the worst, R(1, 0), is the total mass, when the thresholds lie in [0, 1). *)
Theorem mixture_range : forall atoms, Forall (fun '(_, t) => 0 <= t < 1) atoms ->
  mixture atoms 1 true - mixture atoms 1 false = total_mass atoms.
Proof.
  intros atoms inside; change (spread (mixture atoms) 1 = total_mass atoms); rewrite mixture_spread.
  induction inside as [| [mass t] rest t01 _ induction]; simpl; [reflexivity |].
  rewrite induction; destruct (Rlt_dec t 1); lra.
Qed.

(** An unpaid loss breaks it: a negative mass on one threshold inside (0, 1) is not proper. *)
Theorem negative_bet_improper : forall t, 0 <= t < 1 -> ~ proper (scaled (-1) (bet t)).
Proof.
  intros t t01 honest; pose proof (honest 1 t probability_1 ltac:(unfold probability; lra)) as wrong.
  unfold honest_value in wrong; rewrite !expected_scaled, !bet_expected in wrong.
  destruct (Rlt_dec t t), (Rlt_dec t 1); lra.
Qed.
