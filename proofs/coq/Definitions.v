(** * Definitions

    An agent picks an answer and states a confidence [q]; a verifier says correct ([true]) or wrong ([false]); the
    agent is paid [r q correct]. An answer enters only through its success probability [p], so a finite set of
    answers is a finite list of numbers. Rewards are arbitrary functions: nothing here asks for continuity or
    derivatives.

    The library is Coq's own: real numbers, lists, and linear arithmetic. *)

From Coq Require Import Reals Lra List.
Open Scope R_scope.

Definition probability (x : R) : Prop := 0 <= x <= 1.

(** What a reward pays for a confidence and a verdict: on_correct is [r q true], on_wrong is [r q false]. *)
Definition reward : Type := R -> bool -> R.

(** U(p, q) = p R(q, 1) + (1 - p) R(q, 0). *)
Definition expected_reward (r : reward) (p q : R) : R := p * r q true + (1 - p) * r q false.

(** U(p, p): what the honest report earns. For a proper reward it is the value V(p), see
    [proper_iff_honesty_is_the_best]. *)
Definition honest_value (r : reward) (p : R) : R := expected_reward r p p.

(** R(q, 1) - R(q, 0): what one more unit of success probability pays at the report [q]; the slope of the value. *)
Definition spread (r : reward) (q : R) : R := r q true - r q false.

(** ** Honest *)

Definition proper (r : reward) : Prop :=
  forall p q, probability p -> probability q -> expected_reward r p q <= honest_value r p.

Definition strictly_proper (r : reward) : Prop :=
  forall p q, probability p -> probability q -> p <> q -> expected_reward r p q < honest_value r p.

(** ** Accurate *)

Definition accuracy_rewarded (r : reward) : Prop :=
  forall a b, probability a -> probability b -> a <= b -> honest_value r a <= honest_value r b.

Definition accuracy_strictly_rewarded (r : reward) : Prop :=
  forall a b, probability a -> probability b -> a < b -> honest_value r a < honest_value r b.

(** ** Both at once *)

(** [best] is one of the answers and none is more likely to be correct. *)
Definition best_of (answers : list R) (best : R) : Prop :=
  Forall probability answers /\ In best answers /\ forall p, In p answers -> p <= best.

(** Whatever the answers, no answer with any report earns more than the best answer with the honest report. *)
Definition jointly_optimal (r : reward) : Prop :=
  forall answers best, best_of answers best ->
  forall p q, In p answers -> probability q -> expected_reward r p q <= honest_value r best.

(** The same, and nothing else earns as much: the maximum is unique. *)
Definition strictly_jointly_optimal (r : reward) : Prop :=
  forall answers best, best_of answers best ->
  forall p q, In p answers -> probability q -> p <> best \/ q <> best -> expected_reward r p q < honest_value r best.

(** Right and honest. *)
Definition safe (r : reward) : Prop := proper r /\ jointly_optimal r.

(** ** Building rewards *)

Definition indicator (correct : bool) : R := if correct then 1 else 0.

(** R = c + lam S: correctness plus a weighted scoring rule. *)
Definition with_correctness (lam : R) (s : reward) : reward := fun q correct => indicator correct + lam * s q correct.

Definition sum (r s : reward) : reward := fun q correct => r q correct + s q correct.
Definition scaled (k : R) (r : reward) : reward := fun q correct => k * r q correct.
Definition constant (k : R) : reward := fun _ _ => k.

(** ** First facts *)

Lemma probability_0 : probability 0.
Proof. unfold probability; lra. Qed.

Lemma probability_1 : probability 1.
Proof. unfold probability; lra. Qed.

Global Hint Resolve probability_0 probability_1 : core.

Lemma square_positive : forall x, x <> 0 -> 0 < x ^ 2.
Proof. intros x nonzero; rewrite <- Rsqr_pow2; apply Rsqr_pos_lt; assumption. Qed.

Lemma honest_value_0 : forall r, honest_value r 0 = r 0 false.
Proof. intros; unfold honest_value, expected_reward; ring. Qed.

Lemma strictly_proper_is_proper : forall r, strictly_proper r -> proper r.
Proof.
  intros r strict p q p01 q01.
  destruct (Req_dec p q) as [<- | distinct]; [apply Rle_refl | left; auto].
Qed.

(** The number [U(p, p)] deserves the name value exactly when the rule is proper. *)
Theorem proper_iff_honesty_is_the_best : forall r,
  proper r <->
  forall p, probability p -> is_lub (fun u => exists q, probability q /\ u = expected_reward r p q) (honest_value r p).
Proof.
  intros r; split.
  - intros honest p p01; split.
    + intros u [q [q01 ->]]; auto.
    + intros bound above; apply above; exists p; auto.
  - intros sup p q p01 q01.
    destruct (sup p p01) as [above _]; apply above; exists q; auto.
Qed.
