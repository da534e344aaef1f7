(** * Graded correctness

    The verifier returns a score [s] between 0 and 1 (the share of unit tests that pass, a rubric, a judge) instead of
    a verdict. An answer is then a law of scores, and the confidence states its mean. If the formula is affine in the
    score, R(q, s) = s f(q) + (1 - s) g(q), everything about (f, g) carries over word for word. If being right and
    honest is to be the best policy for every law, it has to be affine in the score at every report strictly between 0
    and 1: so the Brier score as it is usually typed, s - lam (q - s)^2, fails at every weight. *)

From Coq Require Import Reals Lra Psatz List Arith.
From ScoringTheory Require Import Definitions JointOptimality Margin Brier.
Import ListNotations.
Open Scope R_scope.

(** ** Laws of scores *)

(** The scores that the verifier may return: all of [0, 1] ([probability]), or some grades with 0 and 1 among them. *)
Definition grades (grade : R -> Prop) : Prop := grade 0 /\ grade 1 /\ forall s, grade s -> probability s.

Lemma all_scores : grades probability.
Proof. repeat split; unfold probability in *; lra. Qed.

(** Finitely many pairs (probability, score). *)
Definition law : Type := list (R * R).

Definition average (F : law) (h : R -> R) : R := fold_right (fun atom rest => fst atom * h (snd atom) + rest) 0 F.

Definition law_on (grade : R -> Prop) (F : law) : Prop :=
  Forall (fun atom => 0 <= fst atom /\ grade (snd atom)) F /\ average F (fun _ => 1) = 1.

Definition mean_score (F : law) : R := average F (fun s => s).

Definition surely (s : R) : law := [(1, s)].
Definition right_or_wrong (p : R) : law := [(p, 1); (1 - p, 0)].

(** What is paid for a confidence and a score. *)
Definition graded_reward : Type := R -> R -> R.

Definition graded_value (r : graded_reward) (F : law) : R := average F (r (mean_score F)).

Definition graded_proper (grade : R -> Prop) (r : graded_reward) : Prop :=
  forall F q, law_on grade F -> probability q -> average F (r q) <= graded_value r F.

Definition graded_strictly_proper (grade : R -> Prop) (r : graded_reward) : Prop :=
  forall F q, law_on grade F -> probability q -> q <> mean_score F -> average F (r q) < graded_value r F.

(** [best] is one of the answers and none has a larger mean. *)
Definition best_law (grade : R -> Prop) (answers : list law) (best : law) : Prop :=
  Forall (law_on grade) answers /\ In best answers /\ forall F, In F answers -> mean_score F <= mean_score best.

Definition graded_jointly_optimal (grade : R -> Prop) (r : graded_reward) : Prop :=
  forall answers best, best_law grade answers best ->
  forall F q, In F answers -> probability q -> average F (r q) <= graded_value r best.

Definition graded_strictly_jointly_optimal (grade : R -> Prop) (r : graded_reward) : Prop :=
  forall answers best, best_law grade answers best ->
  forall F q, In F answers -> probability q -> mean_score F <> mean_score best \/ q <> mean_score best ->
  average F (r q) < graded_value r best.

(** s f(q) + (1 - s) g(q). *)
Definition affine_extension (r : reward) : graded_reward := fun q s => s * r q true + (1 - s) * r q false.

(** The graded reward where only 0 and 1 are returned. *)
Definition restricted (r : graded_reward) : reward := fun q correct => r q (indicator correct).

(** ** Averages *)

Lemma average_linear : forall F x y h k, average F (fun s => x * h s + y * k s) = x * average F h + y * average F k.
Proof. intros F x y h k; induction F as [| atom F induction]; simpl; [ring | rewrite induction; ring]. Qed.

Section Averages.

Context {grade : R -> Prop} (scale : grades grade).

Lemma average_same : forall F h k, law_on grade F -> (forall s, grade s -> h s = k s) -> average F h = average F k.
Proof.
  intros F h k [all _] same; induction all as [| atom F [_ inside] _ induction]; simpl; [reflexivity |].
  rewrite same, induction by assumption; reflexivity.
Qed.

Lemma average_most : forall F h k, law_on grade F -> (forall s, grade s -> h s <= k s) -> average F h <= average F k.
Proof.
  intros F h k [all _] most; induction all as [| atom F [positive inside] _ induction]; simpl; [lra |].
  apply Rplus_le_compat; [apply Rmult_le_compat_l; auto | assumption].
Qed.

Lemma average_affine : forall F x y, law_on grade F ->
  average F (fun s => s * x + (1 - s) * y) = mean_score F * x + (1 - mean_score F) * y.
Proof.
  intros F x y law_F; pose proof (proj2 law_F) as one.
  rewrite (average_same F _ (fun s => (x - y) * s + y * 1)), average_linear, one by (assumption || intros; ring).
  unfold mean_score; ring.
Qed.

Lemma mean_score_probability : forall F, law_on grade F -> probability (mean_score F).
Proof.
  intros F law_F; pose proof (proj2 law_F) as one; destruct scale as [_ [_ inside]].
  assert (average F (fun _ => 0) = 0) as none.
  { rewrite (average_same F _ (fun s => 0 * s + 0 * s)), average_linear by (assumption || intros; ring); ring. }
  split; [rewrite <- none | rewrite <- one]; apply average_most; auto; intros s graded; apply inside; assumption.
Qed.

(** Where a nonnegative [k] that vanishes only at [e] has average 0, every atom lies at [e]. *)
Lemma average_concentrated : forall F h k e, law_on grade F -> (forall s, grade s -> 0 <= k s) ->
  (forall s, grade s -> k s = 0 -> s = e) -> average F k = 0 -> average F h = h e.
Proof.
  intros F h k e [all one] nonnegative only zero.
  replace (h e) with (h e * average F (fun _ => 1)) by (rewrite one; ring).
  clear one; induction all as [| atom F [positive inside] rest induction]; simpl in *; [ring |].
  assert (0 <= average F k) as tail.
  { clear -rest nonnegative; induction rest as [| atom F [positive inside] _ induction]; simpl; [lra |].
    pose proof (nonnegative _ inside); nra. }
  pose proof (nonnegative _ inside) as head; assert (fst atom * k (snd atom) = 0) as here by nra.
  rewrite induction by lra; apply Rmult_integral in here; destruct here as [-> | vanishes]; [ring |].
  rewrite (only _ inside vanishes); ring.
Qed.

(** A mean of 0 or 1 leaves only that score. *)
Lemma average_at_end : forall F h, law_on grade F -> mean_score F = 0 \/ mean_score F = 1 ->
  average F h = h (mean_score F).
Proof.
  intros F h law_F extreme; destruct scale as [_ [_ inside]].
  destruct extreme as [zero | full]; [rewrite zero | rewrite full].
  - apply average_concentrated with (k := fun s => s); auto; intros s graded; apply inside; assumption.
  - apply average_concentrated with (k := fun s => 1 - s); auto.
    + intros s graded; pose proof (inside s graded); unfold probability in *; lra.
    + intros; lra.
    + rewrite (average_same F _ (fun s => s * 0 + (1 - s) * 1)), average_affine by (assumption || intros; ring); lra.
Qed.

Lemma law_surely : forall s, grade s -> law_on grade (surely s).
Proof. intros s graded; split; [apply Forall_cons; [simpl; split; [lra | assumption] | apply Forall_nil] | simpl; ring]. Qed.

Lemma law_two : forall w s t, probability w -> grade s -> grade t -> law_on grade [(w, s); (1 - w, t)].
Proof.
  intros w s t [low high] graded_s graded_t; split; [| simpl; ring].
  apply Forall_cons; [| apply Forall_cons; [| apply Forall_nil]]; simpl; (split; [lra | assumption]).
Qed.

Lemma law_right_or_wrong : forall p, probability p -> law_on grade (right_or_wrong p).
Proof. intros p p01; destruct scale as [zero [one _]]; apply law_two; assumption. Qed.

End Averages.

Lemma mean_surely : forall s, mean_score (surely s) = s.
Proof. intros; unfold mean_score; simpl; ring. Qed.

Lemma mean_right_or_wrong : forall p, mean_score (right_or_wrong p) = p.
Proof. intros; unfold mean_score; simpl; ring. Qed.

Lemma average_right_or_wrong : forall r p q, average (right_or_wrong p) (r q) = expected_reward (restricted r) p q.
Proof. intros; unfold expected_reward, restricted, indicator; simpl; ring. Qed.

Lemma value_right_or_wrong : forall r p, graded_value r (right_or_wrong p) = honest_value (restricted r) p.
Proof. intros; unfold graded_value; rewrite mean_right_or_wrong; apply average_right_or_wrong. Qed.

(** ** Formulas that are affine in the score *)

Section Extension.

Context {grade : R -> Prop} (scale : grades grade).

(** What an answer is paid depends on the mean of its scores alone. *)
Theorem extension_depends_on_the_mean : forall r F q, law_on grade F ->
  average F (affine_extension r q) = expected_reward r (mean_score F) q.
Proof. intros r F q law_F; unfold affine_extension; rewrite (average_affine (grade := grade)) by assumption; reflexivity. Qed.

Lemma extension_value : forall r F, law_on grade F -> graded_value (affine_extension r) F = honest_value r (mean_score F).
Proof. intros r F law_F; apply extension_depends_on_the_mean; assumption. Qed.

Lemma extension_restricted : forall r q correct, restricted (affine_extension r) q correct = r q correct.
Proof. intros r q [|]; unfold restricted, affine_extension, indicator; ring. Qed.

Lemma extension_of_right_or_wrong : forall r p q, average (right_or_wrong p) (affine_extension r q) = expected_reward r p q.
Proof.
  intros; rewrite average_right_or_wrong; unfold expected_reward; rewrite !extension_restricted; reflexivity.
Qed.

Theorem extension_proper_iff : forall r, graded_proper grade (affine_extension r) <-> proper r.
Proof.
  intros r; split.
  - intros honest p q p01 q01; pose proof (honest _ q (law_right_or_wrong scale p p01) q01) as better.
    unfold graded_value in better; rewrite !extension_of_right_or_wrong, mean_right_or_wrong in better; exact better.
  - intros honest F q law_F q01; rewrite extension_value, extension_depends_on_the_mean by assumption.
    apply honest; [apply (mean_score_probability scale) |]; assumption.
Qed.

Theorem extension_strictly_proper_iff : forall r, graded_strictly_proper grade (affine_extension r) <-> strictly_proper r.
Proof.
  intros r; split.
  - intros strict p q p01 q01 distinct; pose proof (strict _ q (law_right_or_wrong scale p p01) q01) as better.
    unfold graded_value in better; rewrite !extension_of_right_or_wrong, mean_right_or_wrong in better; apply better; auto.
  - intros strict F q law_F q01 distinct; rewrite extension_value, extension_depends_on_the_mean by assumption.
    apply strict; auto; apply (mean_score_probability scale); assumption.
Qed.

Theorem extension_jointly_optimal_iff : forall r, graded_jointly_optimal grade (affine_extension r) <-> jointly_optimal r.
Proof.
  intros r; split.
  - intros joint answers best [all [among top]] p q member q01; rewrite Forall_forall in all.
    pose proof (joint (map right_or_wrong answers) (right_or_wrong best)) as better.
    unfold graded_value in better; rewrite mean_right_or_wrong, extension_of_right_or_wrong in better.
    rewrite <- extension_of_right_or_wrong; apply better; [| apply in_map; assumption | assumption].
    repeat split; [| apply in_map; assumption |].
    + apply Forall_forall; intros F found; apply in_map_iff in found; destruct found as [x [<- x_among]].
      apply (law_right_or_wrong scale); auto.
    + intros F found; apply in_map_iff in found; destruct found as [x [<- x_among]]; rewrite !mean_right_or_wrong; auto.
  - intros joint answers best [all [among top]] F q member q01; rewrite Forall_forall in all.
    rewrite extension_value, extension_depends_on_the_mean by auto.
    apply (joint (map mean_score answers) (mean_score best)); [| apply in_map; assumption | assumption].
    repeat split; [| apply in_map; assumption |].
    + apply Forall_forall; intros p found; apply in_map_iff in found; destruct found as [G [<- G_among]].
      apply (mean_score_probability scale); auto.
    + intros p found; apply in_map_iff in found; destruct found as [G [<- G_among]]; auto.
Qed.

(** The margin condition: a larger mean never earns less exactly when R(p, 1) >= R(0, 0) for every p > 0. *)
Corollary extension_margin : forall r, proper r ->
  (graded_jointly_optimal grade (affine_extension r) <-> forall p, 0 < p <= 1 -> r 0 false <= r p true).
Proof. intros r honest; rewrite extension_jointly_optimal_iff; apply jointly_optimal_iff_margin; assumption. Qed.

Theorem extension_strict_joint_optimality : forall r, strictly_proper r -> r 0 false <= r 0 true ->
  graded_strictly_jointly_optimal grade (affine_extension r).
Proof.
  intros r strict sign answers best [all [among top]] F q member q01 different; rewrite Forall_forall in all.
  rewrite extension_value, extension_depends_on_the_mean by auto.
  apply (strict_joint_optimality strict sign (map mean_score answers) (mean_score best)); auto;
    [| apply in_map; assumption].
  repeat split; [| apply in_map; assumption |].
  - apply Forall_forall; intros p found; apply in_map_iff in found; destruct found as [G [<- G_among]].
    apply (mean_score_probability scale); auto.
  - intros p found; apply in_map_iff in found; destruct found as [G [<- G_among]]; auto.
Qed.

(** A part that does not depend on the report changes no best report, and the value by its average: where it is not
    affine in the score, the value depends on more than the mean. *)
Theorem extension_plus_score : forall r (h : R -> R), let shifted := fun q s => affine_extension r q s + h s in
  (graded_proper grade shifted <-> proper r) /\ (graded_strictly_proper grade shifted <-> strictly_proper r) /\
  forall F, law_on grade F -> graded_value shifted F = honest_value r (mean_score F) + average F h.
Proof.
  intros r h shifted; assert (forall F q, average F (shifted q) = average F (affine_extension r q) + average F h) as apart.
  { intros F q; unfold shifted; clear; induction F as [| atom F induction]; simpl; [ring | rewrite induction; ring]. }
  rewrite <- extension_proper_iff, <- extension_strictly_proper_iff; split; [| split].
  - split; intros honest F q law_F q01; specialize (honest F q law_F q01); unfold graded_value in *;
      rewrite !apart in *; lra.
  - split; intros strict F q law_F q01 distinct; specialize (strict F q law_F q01 distinct); unfold graded_value in *;
      rewrite !apart in *; lra.
  - intros F law_F; unfold graded_value; rewrite apart, extension_depends_on_the_mean by assumption; reflexivity.
Qed.

End Extension.

(** ** The converse: nothing else is right and honest *)

Section Converse.

Context {grade : R -> Prop} (scale : grades grade).

Definition larger_mean_never_earns_less (atoms : nat) (r : graded_reward) : Prop :=
  forall F G, law_on grade F -> law_on grade G -> (length F <= atoms)%nat -> (length G <= atoms)%nat ->
  mean_score F <= mean_score G -> graded_value r F <= graded_value r G.

(** Two atoms show it: the score [s] and the end beyond [q], against right or wrong, both with mean [q]. *)
Theorem affine_between_the_ends : forall r, larger_mean_never_earns_less 2 r ->
  forall q s, 0 < q < 1 -> grade s -> r q s = s * r q 1 + (1 - s) * r q 0.
Proof.
  intros r larger q s inside graded; destruct scale as [zero [one bounded]]; pose proof (bounded s graded) as [low high].
  assert (forall F, law_on grade F -> (length F <= 2)%nat -> mean_score F = q ->
    average F (r q) = q * r q 1 + (1 - q) * r q 0) as level.
  { intros F law_F small mean_F.
    assert (law_on grade (right_or_wrong q)) as law_q by (apply (law_right_or_wrong scale); unfold probability; lra).
    pose proof (larger F (right_or_wrong q) law_F law_q small ltac:(auto)) as up.
    pose proof (larger (right_or_wrong q) F law_q law_F ltac:(auto) small) as down.
    unfold graded_value in up, down; rewrite mean_F, mean_right_or_wrong in up, down.
    replace (q * r q 1 + (1 - q) * r q 0) with (average (right_or_wrong q) (r q)) by (simpl; ring).
    apply Rle_antisym; [apply up | apply down]; lra. }
  assert (forall t w, grade t -> probability w -> w * s + (1 - w) * t = q ->
    w * r q s + (1 - w) * r q t = q * r q 1 + (1 - q) * r q 0) as pair.
  { intros t w graded_t [w_low w_high] mean; rewrite <- (level [(w, s); (1 - w, t)]).
    - simpl; ring.
    - apply law_two; [split |  |]; assumption.
    - simpl; lia.
    - unfold mean_score; simpl; lra. }
  destruct (Rle_lt_dec s q) as [below | above].
  - assert (0 < 1 - s) as gap by lra; set (w := (1 - q) / (1 - s)).
    assert (w * (1 - s) = 1 - q) as weight by (unfold w; field; lra).
    assert (0 < w) by (unfold w; apply Rdiv_lt_0_compat; lra).
    assert (w <= 1) by nra.
    pose proof (pair 1 w one ltac:(unfold probability; lra) ltac:(lra)) as same.
    assert (q * r q 1 + (1 - q) * r q 0 = (1 - w * (1 - s)) * r q 1 + w * (1 - s) * r q 0) by (rewrite weight; ring).
    apply Rmult_eq_reg_l with w; [| lra]; lra.
  - set (w := q / s).
    assert (w * s = q) as weight by (unfold w; field; lra).
    assert (0 < w) by (unfold w; apply Rdiv_lt_0_compat; lra).
    assert (w <= 1) by nra.
    pose proof (pair 0 w zero ltac:(unfold probability; lra) ltac:(lra)) as same.
    assert (q * r q 1 + (1 - q) * r q 0 = w * s * r q 1 + (1 - w * s) * r q 0) by (rewrite weight; ring).
    apply Rmult_eq_reg_l with w; [| lra]; lra.
Qed.

Lemma joint_is_monotone : forall r, graded_jointly_optimal grade r -> forall atoms, larger_mean_never_earns_less atoms r.
Proof.
  intros r joint atoms F G law_F law_G _ _ ordered.
  apply (joint [F; G] G); simpl; auto; [| apply (mean_score_probability scale); assumption].
  repeat split; simpl; auto; intros H [<- | [<- | []]]; lra.
Qed.

(** The exact condition: affine strictly between 0 and 1, with a jointly optimal pair (R(., 1), R(., 0)); the reports 0
    and 1 may pay a law less than that pair's value, and no more. *)
Theorem graded_jointly_optimal_iff : forall r,
  graded_jointly_optimal grade r <->
  (forall q s, 0 < q < 1 -> grade s -> r q s = s * r q 1 + (1 - s) * r q 0) /\
  jointly_optimal (restricted r) /\
  (forall F q, law_on grade F -> q = 0 \/ q = 1 -> average F (r q) <= honest_value (restricted r) (mean_score F)).
Proof.
  intros r.
  assert ((forall q s, 0 < q < 1 -> grade s -> r q s = s * r q 1 + (1 - s) * r q 0) -> forall F q, law_on grade F ->
    0 < q < 1 -> average F (r q) = expected_reward (restricted r) (mean_score F) q) as between.
  { intros affine F q law_F inside.
    rewrite (average_same (grade := grade) F _ (fun s => s * r q 1 + (1 - s) * r q 0))
      by (try assumption; intros; apply affine; assumption).
    rewrite (average_affine (grade := grade)) by assumption.
    unfold expected_reward, restricted, indicator; ring. }
  assert ((forall q s, 0 < q < 1 -> grade s -> r q s = s * r q 1 + (1 - s) * r q 0) -> forall F, law_on grade F ->
    graded_value r F = honest_value (restricted r) (mean_score F)) as value.
  { intros affine F law_F; pose proof (mean_score_probability scale F law_F) as [low high]; unfold graded_value.
    destruct (Req_dec (mean_score F) 0) as [zero | positive]; [| destruct (Req_dec (mean_score F) 1) as [one | less]].
    - rewrite (average_at_end scale) by auto; rewrite zero, honest_value_0; reflexivity.
    - rewrite (average_at_end scale) by auto; rewrite one; unfold honest_value, expected_reward, restricted, indicator; ring.
    - apply between; [assumption | assumption | lra]. }
  split.
  - intros joint.
    assert (forall q s, 0 < q < 1 -> grade s -> r q s = s * r q 1 + (1 - s) * r q 0) as affine
      by (apply affine_between_the_ends, joint_is_monotone; assumption).
    split; [exact affine | split].
    + intros answers best [all [among top]] p q member q01; rewrite Forall_forall in all.
      rewrite <- average_right_or_wrong, <- value_right_or_wrong.
      apply (joint (map right_or_wrong answers)); [| apply in_map; assumption | assumption].
      repeat split; [| apply in_map; assumption |].
      * apply Forall_forall; intros F found; apply in_map_iff in found; destruct found as [x [<- x_among]].
        apply (law_right_or_wrong scale); auto.
      * intros F found; apply in_map_iff in found; destruct found as [x [<- x_among]]; rewrite !mean_right_or_wrong; auto.
    + intros F q law_F extreme; rewrite <- value by assumption.
      apply (joint [F] F); simpl; auto; [| unfold probability; lra].
      repeat split; simpl; auto; intros G [<- | []]; lra.
  - intros [affine [joint ends]] answers best [all [among top]] F q member q01; rewrite Forall_forall in all.
    rewrite value by auto.
    assert (best_of [mean_score F; mean_score best] (mean_score best)) as two.
    { repeat split; simpl; auto; [| intros p [<- | [<- | []]]; auto; lra].
      apply Forall_cons; [| apply Forall_cons; [| apply Forall_nil]]; apply (mean_score_probability scale); auto. }
    pose proof (mean_score_probability scale F (all F member)) as mean01; pose proof q01 as [low high].
    destruct (Req_dec q 0) as [-> | positive]; [| destruct (Req_dec q 1) as [-> | less]].
    + apply Rle_trans with (1 := ends F 0 (all F member) ltac:(auto)).
      apply (joint _ _ two); simpl; auto.
    + apply Rle_trans with (1 := ends F 1 (all F member) ltac:(auto)).
      apply (joint _ _ two); simpl; auto.
    + rewrite between by (auto; lra); apply (joint _ _ two); simpl; auto.
Qed.

End Converse.

(** ** Brier as it is typed: s - lam (q - s)^2 *)

Definition graded_brier (lam : R) : graded_reward := fun q s => s - lam * (q - s) ^ 2.

(** The value is the mean less lam times the variance: a spread of scores is punished. *)
Lemma graded_brier_regret : forall grade lam F q, law_on grade F ->
  graded_value (graded_brier lam) F - average F (graded_brier lam q) = lam * (q - mean_score F) ^ 2.
Proof.
  intros grade lam F q law_F; pose proof (proj2 law_F) as one; unfold graded_value.
  assert (forall x, average F (graded_brier lam x)
    = 1 * (1 * mean_score F + - lam * average F (fun s => s ^ 2))
      + 1 * (2 * lam * x * mean_score F + - lam * x ^ 2 * 1)) as expanded.
  { intros x; unfold mean_score.
    rewrite (average_same (grade := grade) F _ (fun s => 1 * (1 * s + - lam * s ^ 2)
      + 1 * (2 * lam * x * s + - lam * x ^ 2 * 1))) by (try assumption; intros; unfold graded_brier; ring).
    rewrite (average_linear F 1 1 (fun s => 1 * s + - lam * s ^ 2) (fun s => 2 * lam * x * s + - lam * x ^ 2 * 1)).
    rewrite !average_linear, one; ring. }
  rewrite !expanded; ring.
Qed.

Theorem graded_brier_strictly_proper : forall grade lam, 0 < lam -> graded_strictly_proper grade (graded_brier lam).
Proof.
  intros grade lam positive F q law_F q01 distinct; pose proof (graded_brier_regret grade lam F q law_F).
  pose proof (square_positive (q - mean_score F) ltac:(lra)); nra.
Qed.

(** 1 / (2 + lam) for sure earns more than right or wrong evenly, whose mean 1/2 is larger. At lam = 1: 1/3, against 1/4. *)
Theorem graded_brier_fails_at_witness : forall lam, 0 < lam ->
  mean_score (surely (/ (2 + lam))) < mean_score (right_or_wrong (/ 2)) /\
  graded_value (graded_brier lam) (right_or_wrong (/ 2)) < graded_value (graded_brier lam) (surely (/ (2 + lam))).
Proof.
  intros lam positive; unfold graded_value; rewrite mean_surely, mean_right_or_wrong.
  unfold graded_brier, surely, right_or_wrong, average; simpl.
  assert ((2 + lam) * / (2 + lam) = 1) as inverse by (apply Rinv_r; lra).
  assert (0 < / (2 + lam)) by (apply Rinv_0_lt_compat; lra).
  split; nra.
Qed.

(** One score strictly between right and wrong is enough. *)
Theorem graded_brier_not_jointly_optimal : forall grade lam s, grades grade -> grade s -> 0 < s < 1 -> 0 < lam ->
  ~ graded_jointly_optimal grade (graded_brier lam).
Proof.
  intros grade lam s scale graded inside positive joint.
  pose proof (affine_between_the_ends scale _ (joint_is_monotone scale _ joint 2) (/ 2) s ltac:(lra) graded) as affine.
  unfold graded_brier in affine; assert (0 < lam * (s * (1 - s))) by (repeat apply Rmult_lt_0_compat; lra); nra.
Qed.

(** Its affine extension is safe up to weight 1, as for verdicts. *)
Corollary extended_rlcr_jointly_optimal_iff : forall grade lam, grades grade -> 0 < lam ->
  (graded_jointly_optimal grade (affine_extension (rlcr lam)) <-> lam <= 1).
Proof.
  intros grade lam scale positive; rewrite (extension_jointly_optimal_iff scale); apply rlcr_jointly_optimal_iff; assumption.
Qed.
