"""The fixed text of an exported Coq file, which `one_piece` fills in for one rule.

Braces that Coq keeps are doubled. After `HEADER` comes `PROPER`, then `STRICTLY_PROPER` if the
density is not identically 0. If R(0, 1) >= R(0, 0), `JOINTLY_OPTIMAL` follows and, after a strict
rule, `STRICTLY_JOINTLY_OPTIMAL`, each after the lemma on better answers that it needs; otherwise
`NOT_JOINTLY_OPTIMAL` follows.
"""

HEADER = """\
(* Written by scoring-theory from a certificate; checked by Coq alone: coqc {name}.v
   The reward is {name}_on_correct q if correct and {name}_on_wrong q if wrong. *)

From Coq Require Import Reals Lra Psatz List.
Open Scope R_scope.

Ltac nonnegative := repeat match goal with
  | |- 0 <= _ + _ => apply Rplus_le_le_0_compat
  | |- 0 <= _ * _ => apply Rmult_le_pos
  | |- 0 <= _ ^ 2 => apply pow2_ge_0
  | |- 0 <= _ ^ _ => apply pow_le
  end; first [assumption | apply IZR_le; discriminate | lra].

(* One term of the sum is positive for q < p and one for p < q. They are the last terms, where the
   search begins. *)
Ltac nonzero := repeat match goal with
  | |- _ * _ <> 0 => apply Rmult_integral_contrapositive_currified
  | |- _ ^ _ <> 0 => apply pow_nonzero
  end; intro; lra.

Ltac positive := match goal with
  | |- 0 < _ + _ => first
    [apply Rplus_le_lt_0_compat; [| positive] | apply Rplus_lt_le_0_compat; [positive |]];
    nonnegative
  | |- 0 < _ * _ => apply Rmult_lt_0_compat; positive
  | |- 0 < (_ * _) ^ 2 => rewrite <- Rsqr_pow2; apply Rsqr_pos_lt; nonzero
  | |- 0 < _ ^ _ => apply pow_lt; lra
  | |- _ => lra
  end.
"""

PROPER = """
(* The polynomials times {scale}, so that their coefficients are whole numbers. *)
Definition {name}_correct_whole (q : R) : R := {on_correct}.
Definition {name}_wrong_whole (q : R) : R := {on_wrong}.
Definition {name}_factor_whole (p q : R) : R :=
  {factor}.

Definition {name}_on_correct (q : R) : R := {name}_correct_whole q / {scale}.
Definition {name}_on_wrong (q : R) : R := {name}_wrong_whole q / {scale}.
Definition {name}_factor (p q : R) : R := {name}_factor_whole p q / {scale}.

Definition {name}_expected (p q : R) : R := p * {name}_on_correct q + (1 - p) * {name}_on_wrong q.

Lemma {name}_identity_whole : forall p q,
  p * ({name}_correct_whole p - {name}_correct_whole q)
  + (1 - p) * ({name}_wrong_whole p - {name}_wrong_whole q)
  = (p - q) ^ 2 * {name}_factor_whole p q.
Proof. intros p q; unfold {name}_correct_whole, {name}_wrong_whole, {name}_factor_whole; ring. Qed.

(* The expected loss of a misreport. *)
Lemma {name}_identity : forall p q,
  {name}_expected p p - {name}_expected p q = (p - q) ^ 2 * {name}_factor p q.
Proof.
  intros p q; pose proof ({name}_identity_whole p q) as whole.
  unfold {name}_expected, {name}_on_correct, {name}_on_wrong, {name}_factor, Rdiv.
  transitivity ((p - q) ^ 2 * {name}_factor_whole p q * / {scale}); [rewrite <- whole |]; ring.
Qed.

Lemma {name}_factor_nonnegative : forall p q,
  {low} <= p <= {high} -> {low} <= q <= {high} -> 0 <= {name}_factor p q.
Proof.
  intros p q [] []; unfold {name}_factor, {name}_factor_whole, Rdiv.
  assert ({signs}) as [? [? []]] by lra.
  nonnegative.
Qed.

Theorem {name}_proper : forall p q,
  {low} <= p <= {high} -> {low} <= q <= {high} -> {name}_expected p q <= {name}_expected p p.
Proof.
  intros p q p01 q01; pose proof ({name}_identity p q).
  pose proof (Rmult_le_pos _ _ (pow2_ge_0 (p - q)) ({name}_factor_nonnegative p q p01 q01)); lra.
Qed.
"""

STRICTLY_PROPER = """
(* The density may vanish at isolated points. *)
Lemma {name}_factor_positive : forall p q,
  {low} <= p <= {high} -> {low} <= q <= {high} -> p <> q -> 0 < {name}_factor p q.
Proof.
  intros p q [] [] distinct; unfold {name}_factor, {name}_factor_whole, Rdiv.
  assert ({signs}) as [? [? []]] by lra.
  destruct (Rlt_le_dec q p); [| assert (p < q) by lra]; positive.
Qed.

(* The truthful report is the only optimal one. *)
Theorem {name}_strictly_proper : forall p q,
  {low} <= p <= {high} -> {low} <= q <= {high} ->
  p <> q -> {name}_expected p q < {name}_expected p p.
Proof.
  intros p q p01 q01 distinct; pose proof ({name}_identity p q).
  assert (0 < (p - q) ^ 2) as apart by (rewrite <- Rsqr_pow2; apply Rsqr_pos_lt; lra).
  pose proof (Rmult_lt_0_compat _ _ apart ({name}_factor_positive p q p01 q01 distinct)); lra.
Qed.
"""

BETTER_ANSWER = """
(* With the truthful report of the worse answer, the better answer already has at least its
   expected reward. *)
Lemma {name}_better_answer_same_report : forall p best, 0 <= p <= best -> best <= 1 ->
  {name}_expected p p <= {name}_expected best p.
Proof.
  intros p best ordered best01;
  assert (0 <= 0 <= 1) as zero01 by lra; assert (0 <= p <= 1) as p01 by lra.
  assert ({name}_on_wrong 0 <= {name}_on_correct 0) as sign.
  {{ unfold {name}_on_wrong, {name}_on_correct, {name}_wrong_whole, {name}_correct_whole; lra. }}
  pose proof ({name}_proper 0 p zero01 p01) as at_0;
  pose proof ({name}_proper p 0 p01 zero01) as at_p.
  unfold {name}_expected in *.
  assert (0 <= p * ({name}_on_correct p - {name}_on_wrong p)) as slope by nra.
  destruct (Req_dec p 0) as [-> |]; [nra |].
  assert (0 <= {name}_on_correct p - {name}_on_wrong p) by nra; nra.
Qed.

Lemma {name}_better_answer : forall p best, 0 <= p <= best -> best <= 1 ->
  {name}_expected p p <= {name}_expected best best.
Proof.
  intros p best ordered best01.
  apply Rle_trans with ({name}_expected best p); [| apply {name}_proper; lra].
  apply {name}_better_answer_same_report; lra.
Qed.
"""

BETTER_ANSWER_STRICTLY = """
Lemma {name}_better_answer_strictly : forall p best, 0 <= p < best -> best <= 1 ->
  {name}_expected p p < {name}_expected best best.
Proof.
  intros p best ordered best01.
  apply Rle_lt_trans with ({name}_expected best p); [| apply {name}_strictly_proper; lra].
  apply {name}_better_answer_same_report; lra.
Qed.
"""

JOINTLY_OPTIMAL = """
(* No answer with any report has a larger expected reward than the most probable answer with its
   truthful report. *)
Theorem {name}_jointly_optimal : forall answers best,
  (forall p, In p answers -> 0 <= p <= 1) -> In best answers ->
  (forall p, In p answers -> p <= best) ->
  forall p q, In p answers -> 0 <= q <= 1 -> {name}_expected p q <= {name}_expected best best.
Proof.
  intros answers best all among top p q member q01.
  pose proof (all p member) as p01; pose proof (all best among) as best01;
  pose proof (top p member).
  apply Rle_trans with ({name}_expected p p); [apply {name}_proper; assumption |].
  apply {name}_better_answer; lra.
Qed.
"""

STRICTLY_JOINTLY_OPTIMAL = """
(* The most probable answer with its truthful report is the only maximum. *)
Theorem {name}_strictly_jointly_optimal : forall answers best,
  (forall p, In p answers -> 0 <= p <= 1) -> In best answers ->
  (forall p, In p answers -> p <= best) ->
  forall p q, In p answers -> 0 <= q <= 1 -> p <> best \\/ q <> best ->
  {name}_expected p q < {name}_expected best best.
Proof.
  intros answers best all among top p q member q01 different.
  pose proof (all p member) as p01; pose proof (all best among) as best01;
  pose proof (top p member).
  destruct (Req_dec p best) as [-> | worse];
    [apply {name}_strictly_proper; auto; intro; subst; tauto |].
  apply Rle_lt_trans with ({name}_expected p p); [apply {name}_proper; assumption |].
  apply {name}_better_answer_strictly; lra.
Qed.
"""

NOT_JOINTLY_OPTIMAL = """
(* A certainly wrong answer with confidence 0 has a larger expected reward than a better answer with
   its truthful report. *)
Theorem {name}_not_jointly_optimal : {name}_expected {witness} {witness} < {name}_expected 0 0.
Proof.
  pose proof ({name}_proper 0 {witness}) as floor.
  unfold {name}_expected, {name}_on_correct, {name}_on_wrong,
    {name}_correct_whole, {name}_wrong_whole in *; lra.
Qed.
"""

FORMULA = """
(* The formula as typed, with c = 1 for correct and c = 0 for wrong, has exactly these values. *)
Definition {name}_formula (q c : R) : R :=
  {formula}.

Ltac plain t := lazymatch t with
  | context [Rmin _ _] => fail
  | context [Rmax _ _] => fail
  | context [Rabs _] => fail
  | context [if _ then _ else _] => fail
  | _ => idtac
  end.

(* The choices are decided from the innermost outwards. Those that q rules out are dropped by lra,
   or by nra, which is slow, if the test holds a square. *)
Ltac impossible t := exfalso; first
  [lra | lazymatch t with context [_ ^ _] => nra | context [?x * ?x] => nra end].
Ltac branches := repeat match goal with
  | |- context [if ?test then _ else _] =>
    let T := type of test in plain T; destruct test; try subst; try impossible T
  | |- context [Rmin ?x ?y] => plain x; plain y; destruct (Rle_lt_dec x y);
    [rewrite (Rmin_left x y) by lra | rewrite (Rmin_right x y) by lra]; try impossible (x + y)
  | |- context [Rmax ?x ?y] => plain x; plain y; destruct (Rle_lt_dec x y);
    [rewrite (Rmax_right x y) by lra | rewrite (Rmax_left x y) by lra]; try impossible (x + y)
  | |- context [Rabs ?x] => plain x; destruct (Rle_lt_dec 0 x);
    [rewrite (Rabs_right x) by lra | rewrite (Rabs_left x) by lra]; try impossible x
  end.

Theorem {name}_pays_the_formula : forall q, 0 <= q <= 1 ->
  {name}_formula q 1 = {name}_on_correct q /\\ {name}_formula q 0 = {name}_on_wrong q.
Proof.
  intros q q01; split; unfold {name}_on_correct, {name}_on_wrong; branches;
  unfold {name}_formula; branches; unfold {unfolded}; first [lra | nra].
Qed.
"""
