(** * Brier, spherical and log for several classes

    Each is strictly proper: what a false distribution costs is a squared distance (Brier), what Cauchy-Schwarz loses
    (spherical), or the relative entropy of Gibbs' inequality (log, with payoffs of minus infinity). So, not tied to
    the answer, each is right and honest at every weight: even log, which beside a binary confidence fails at all. *)

From Coq Require Import Reals Lra Psatz List Arith.
From ScoringTheory Require Import Definitions Extended Logarithm KClass.
Open Scope R_scope.

Definition differ (K : nat) (p q : report) : Prop := exists y, (y < K)%nat /\ p y <> q y.

Definition class_strictly_proper (K : nat) (s : class_rule) : Prop := forall p q,
  distribution_on K p -> distribution_on K q -> differ K p q -> expectation K p (s q) < expectation K p (s p).

Lemma total_positive : forall K f y, (forall y, (y < K)%nat -> 0 <= f y) -> (y < K)%nat -> 0 < f y -> 0 < total K f.
Proof.
  induction K as [| K induction]; intros f y nonnegative inside positive; [lia |]; simpl.
  destruct (Nat.eq_dec y K) as [-> | other].
  - apply Rplus_le_lt_0_compat; [apply total_nonnegative; auto | assumption].
  - apply Rplus_lt_le_0_compat; [apply (induction f y); auto; lia | auto].
Qed.

(** Strictly: with the report that is better off, and the answer that is more probable. *)
Theorem untied_report_strictly_optimal : forall K lam s p best, 0 < lam -> class_strictly_proper K s ->
  class_proper K s -> distribution_on K p -> (best < K)%nat -> (forall answer, (answer < K)%nat -> p answer <= p best) ->
  forall answer q, (answer < K)%nat -> distribution_on K q -> p answer < p best \/ differ K p q ->
  expectation K p (class_reward lam s answer q) < expectation K p (class_reward lam s best p).
Proof.
  intros K lam s p best positive strict honest p_sums inside top answer q answer_inside q_sums [worse | false_report];
    rewrite !class_reward_expected by assumption; specialize (top answer answer_inside).
  - specialize (honest p q p_sums q_sums); nra.
  - specialize (strict p q p_sums q_sums false_report); nra.
Qed.

(** ** Brier *)

Theorem class_brier_strictly_proper : forall K, class_strictly_proper K (class_brier K).
Proof.
  intros K p q p_sums q_sums [y [inside other]]; pose proof (class_brier_regret K p q p_sums).
  pose proof (total_positive K (fun y => (p y - q y) ^ 2) y ltac:(intros; apply pow2_ge_0) inside
    ltac:(apply square_positive; lra)); lra.
Qed.

(** ** Spherical *)

Definition class_length (K : nat) (q : report) : R := sqrt (total K (fun y => q y ^ 2)).
Definition class_spherical (K : nat) : class_rule := fun q outcome => q outcome / class_length K q.

Lemma class_length_squared : forall K q, class_length K q * class_length K q = total K (fun y => q y ^ 2).
Proof. intros; apply sqrt_sqrt, total_nonnegative; intros; apply pow2_ge_0. Qed.

Lemma some_positive : forall K q, 0 < total K q -> exists y, (y < K)%nat /\ 0 < q y.
Proof.
  induction K as [| K induction]; intros q positive; simpl in positive; [lra |].
  destruct (Rlt_le_dec 0 (q K)) as [here | elsewhere]; [exists K; auto |].
  destruct (induction q ltac:(lra)) as [y [inside found]]; exists y; auto.
Qed.

Lemma class_length_positive : forall K q, distribution_on K q -> 0 < class_length K q.
Proof.
  intros K q [_ one]; destruct (some_positive K q) as [y [inside positive]]; [lra |].
  apply sqrt_lt_R0, (total_positive K _ y); auto; [intros; apply pow2_ge_0 | apply pow_lt; assumption].
Qed.

Lemma class_spherical_expected : forall K p q,
  expectation K p (class_spherical K q) = total K (fun y => p y * q y) / class_length K q.
Proof.
  intros K p q; unfold expectation, class_spherical, Rdiv; rewrite Rmult_comm, <- total_scaled.
  apply total_ext; intros; ring.
Qed.

(** Cauchy-Schwarz, with what it loses. *)
Lemma cauchy_schwarz_gap : forall K p q, let lp := class_length K p in let lq := class_length K q in
  total K (fun y => (lq * p y - lp * q y) ^ 2) = 2 * (lp * lq) * (lp * lq - total K (fun y => p y * q y)).
Proof.
  intros K p q lp lq.
  rewrite (total_ext K _ (fun y => lq ^ 2 * p y ^ 2 + (lp ^ 2 * q y ^ 2 + -2 * (lp * lq) * (p y * q y))))
    by (intros; ring).
  rewrite !total_plus, !total_scaled, <- !class_length_squared; fold lp lq; ring.
Qed.

Lemma class_spherical_value : forall K p, distribution_on K p ->
  expectation K p (class_spherical K p) = class_length K p.
Proof.
  intros K p p_sums; pose proof (class_length_positive K p p_sums).
  rewrite class_spherical_expected, (total_ext K _ (fun y => p y ^ 2)) by (intros; ring).
  rewrite <- class_length_squared; field; lra.
Qed.

Theorem class_spherical_strictly_proper : forall K, class_strictly_proper K (class_spherical K).
Proof.
  intros K p q p_sums q_sums [y [inside other]].
  rewrite class_spherical_value, class_spherical_expected by assumption.
  pose proof (class_length_positive K p p_sums) as lp_positive; pose proof (class_length_positive K q q_sums) as lq_positive.
  pose proof (cauchy_schwarz_gap K p q) as gap; cbv zeta in gap.
  set (lp := class_length K p) in *; set (lq := class_length K q) in *; set (inner := total K (fun y => p y * q y)) in *.
  assert (forall z, (z < K)%nat -> 0 <= (lq * p z - lp * q z) ^ 2) as squares by (intros; apply pow2_ge_0).
  assert (0 < total K (fun y => (lq * p y - lp * q y) ^ 2)) as positive.
  { destruct (total_nonnegative K _ squares) as [| flat]; [assumption | exfalso].
    assert (forall z, (z < K)%nat -> lq * p z = lp * q z) as proportional.
    { intros z z_inside; destruct (Req_dec (lq * p z) (lp * q z)) as [| apart]; [assumption | exfalso].
      pose proof (total_positive K _ z squares z_inside ltac:(apply square_positive; lra)); lra. }
    pose proof (total_ext K (fun z => lq * p z) (fun z => lp * q z) proportional) as sums.
    rewrite !total_scaled in sums; destruct p_sums as [_ p_one], q_sums as [_ q_one]; rewrite p_one, q_one in sums.
    specialize (proportional y inside); apply other, Rmult_eq_reg_l with lq; lra || nra. }
  assert (0 < lp * lq) by (apply Rmult_lt_0_compat; assumption).
  assert (inner < lp * lq) by (rewrite gap in positive; nra).
  apply Rmult_lt_reg_r with lq; [assumption |]; unfold Rdiv; rewrite Rmult_assoc, Rinv_l by lra; lra.
Qed.

Lemma class_proper_of_strict : forall K s, (forall q r, (forall y, (y < K)%nat -> q y = r y) ->
  forall p, expectation K p (s q) = expectation K p (s r)) -> class_strictly_proper K s -> class_proper K s.
Proof.
  intros K s same strict p q p_sums q_sums.
  assert (differ K p q \/ forall y, (y < K)%nat -> p y = q y) as [other | equal].
  { clear; induction K as [| K [[y [inside apart]] | equal]]; [right; lia | left; exists y; auto |].
    destruct (Req_dec (p K) (q K)) as [here | apart]; [right | left; exists K; auto].
    intros y below; destruct (Nat.eq_dec y K) as [-> |]; [assumption | apply equal; lia]. }
  - left; apply strict; assumption.
  - right; symmetry; apply same; assumption.
Qed.

Theorem class_spherical_proper : forall K, class_proper K (class_spherical K).
Proof.
  intros K; apply class_proper_of_strict; [| apply class_spherical_strictly_proper].
  intros q r same p; unfold expectation, class_spherical, class_length.
  rewrite (total_ext K (fun y => q y ^ 2) (fun y => r y ^ 2)) by (intros; rewrite same by assumption; reflexivity).
  apply total_ext; intros; rewrite same by assumption; reflexivity.
Qed.

(** ** Log *)

(** What cannot happen costs nothing, also where its payoff is minus infinity. *)
Definition weigh (chance : R) (x : payoff) : payoff :=
  match x with Some y => Some (chance * y) | None => if Req_EM_T chance 0 then Some 0 else None end.

Definition plus (a b : payoff) : payoff := match a, b with Some x, Some y => Some (x + y) | _, _ => None end.

Fixpoint extended_expectation (K : nat) (p : report) (s : nat -> payoff) : payoff :=
  match K with O => Some 0 | S k => plus (extended_expectation k p s) (weigh (p k) (s k)) end.

Definition class_log : report -> nat -> payoff := fun q outcome => extended_ln (q outcome).

Definition class_log_reward (lam : R) (answer : nat) (q : report) (outcome : nat) : payoff :=
  match class_log q outcome with Some x => Some (right_answer answer outcome + lam * x) | None => None end.

(** Either some possible outcome was called impossible, or the expectation is the usual sum. *)
Lemma class_log_expected : forall K p q, (forall y, (y < K)%nat -> 0 <= p y) ->
  match extended_expectation K p (class_log q) with
  | None => True
  | Some x => x = total K (fun y => p y * ln (q y)) /\ forall y, (y < K)%nat -> 0 < p y -> 0 < q y
  end.
Proof.
  induction K as [| K induction]; intros p q nonnegative; simpl; [split; [reflexivity | lia] |].
  specialize (induction p q ltac:(auto)); destruct (extended_expectation K p (class_log q)) as [x |]; [| exact I].
  destruct induction as [-> before]; unfold class_log, extended_ln; destruct (Rlt_dec 0 (q K)) as [here | zero]; simpl.
  - split; [reflexivity |]; intros y below; destruct (Nat.eq_dec y K) as [-> |]; [auto | apply before; lia].
  - destruct (Req_EM_T (p K) 0) as [impossible |]; simpl; [| exact I]; split; [rewrite impossible; ring |].
    intros y below; destruct (Nat.eq_dec y K) as [-> |]; [lra | apply before; lia].
Qed.

Lemma class_log_value : forall K p, (forall y, (y < K)%nat -> 0 <= p y) ->
  extended_expectation K p (class_log p) = Some (total K (fun y => p y * ln (p y))).
Proof.
  induction K as [| K induction]; intros p nonnegative; simpl; [reflexivity |].
  rewrite induction by auto; unfold class_log, extended_ln; pose proof (nonnegative K ltac:(lia)).
  destruct (Rlt_dec 0 (p K)); simpl; [reflexivity |].
  destruct (Req_EM_T (p K) 0) as [impossible |]; [simpl; rewrite impossible; f_equal; ring | lra].
Qed.

Lemma gibbs_term_weak : forall p q, 0 <= p -> 0 <= q -> (0 < p -> 0 < q) ->
  p * ln q - p * ln p <= q - p /\ (p <> q -> p * ln q - p * ln p < q - p).
Proof.
  intros p q p_nonnegative q_nonnegative possible; destruct (Req_dec p 0) as [-> |]; [split; intros; lra |].
  assert (p <> q -> p * ln q - p * ln p < q - p) as strict by (intros; apply gibbs_term; auto; try apply possible; lra).
  split; [| assumption]; destruct (Req_dec p q) as [-> |]; [lra | left; auto].
Qed.

Theorem class_log_strictly_proper : forall K p q, distribution_on K p -> distribution_on K q -> differ K p q ->
  below (extended_expectation K p (class_log q)) (extended_expectation K p (class_log p)).
Proof.
  intros K p q [p_nonnegative p_one] [q_nonnegative q_one] [y [inside other]].
  rewrite class_log_value by assumption; pose proof (class_log_expected K p q p_nonnegative) as value.
  destruct (extended_expectation K p (class_log q)) as [x |]; [| exact I]; destruct value as [-> possible]; simpl.
  assert (0 < total K (fun y => (q y + -1 * p y) + (p y * ln (p y) + -1 * (p y * ln (q y))))) as gap.
  { apply (total_positive K _ y); [intros z below | assumption |].
    - destruct (gibbs_term_weak (p z) (q z)); auto; lra.
    - destruct (gibbs_term_weak (p y) (q y)) as [_ strict]; auto; specialize (strict other); lra. }
  rewrite !total_plus, !total_scaled, p_one, q_one in gap; lra.
Qed.

Lemma class_log_reward_expected : forall K lam answer p q,
  extended_expectation K p (class_log_reward lam answer q)
  = match extended_expectation K p (class_log q) with
    | Some x => Some (expectation K p (right_answer answer) + lam * x)
    | None => None
    end.
Proof.
  induction K as [| K induction]; intros lam answer p q; unfold expectation; simpl; [f_equal; ring |].
  rewrite induction; destruct (extended_expectation K p (class_log q)) as [x |]; [| reflexivity].
  unfold class_log_reward, class_log, extended_ln; destruct (Rlt_dec 0 (q K)); simpl.
  - f_equal; unfold expectation; ring.
  - destruct (Req_EM_T (p K) 0) as [impossible |]; simpl; [| reflexivity].
    rewrite impossible; f_equal; unfold expectation; ring.
Qed.

(** In contrast to the binary case (`log_not_jointly_optimal`), at every weight. *)
Theorem class_log_strictly_optimal : forall K lam p best, 0 < lam -> distribution_on K p -> (best < K)%nat ->
  (forall answer, (answer < K)%nat -> p answer <= p best) ->
  forall answer q, (answer < K)%nat -> distribution_on K q -> p answer < p best \/ differ K p q ->
  below (extended_expectation K p (class_log_reward lam answer q))
    (extended_expectation K p (class_log_reward lam best p)).
Proof.
  intros K lam p best positive p_sums inside top answer q answer_inside q_sums different.
  rewrite !class_log_reward_expected, !right_answer_expected by assumption; specialize (top answer answer_inside).
  rewrite class_log_value by apply p_sums.
  pose proof (class_log_expected K p q (proj1 p_sums)) as value.
  pose proof (class_log_strictly_proper K p q p_sums q_sums) as strict; rewrite class_log_value in strict by apply p_sums.
  destruct (extended_expectation K p (class_log q)) as [x |]; [| exact I]; simpl in *.
  destruct value as [-> possible], p_sums as [p_nonnegative p_one], q_sums as [q_nonnegative q_one].
  destruct different as [worse | other]; [| specialize (strict other); nra].
  enough (0 <= total K (fun y => (q y + -1 * p y) + (p y * ln (p y) + -1 * (p y * ln (q y))))) as gap.
  { rewrite !total_plus, !total_scaled, p_one, q_one in gap; nra. }
  apply total_nonnegative; intros z below; destruct (gibbs_term_weak (p z) (q z)); auto; lra.
Qed.
