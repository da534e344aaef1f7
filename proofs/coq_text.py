"""The fixed text of an exported Coq file; `proofs.export` fills in one rule. Braces that Coq keeps are doubled.

`PROPER` comes first, then `JOINTLY_OPTIMAL` where R(0, 1) >= R(0, 0) and `NOT_JOINTLY_OPTIMAL` elsewhere.
"""

PROPER = """\
(* Written by scoring-theory from a certificate; checked by Coq alone: coqc {name}.v
   The rule pays {name}_on_correct q when correct and {name}_on_wrong q when wrong. *)

From Coq Require Import Reals Lra Psatz List.
Open Scope R_scope.

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
  p * ({name}_correct_whole p - {name}_correct_whole q) + (1 - p) * ({name}_wrong_whole p - {name}_wrong_whole q)
  = (p - q) ^ 2 * {name}_factor_whole p q.
Proof. intros p q; unfold {name}_correct_whole, {name}_wrong_whole, {name}_factor_whole; ring. Qed.

(* What a false report costs. *)
Lemma {name}_identity : forall p q, {name}_expected p p - {name}_expected p q = (p - q) ^ 2 * {name}_factor p q.
Proof.
  intros p q; pose proof ({name}_identity_whole p q) as whole.
  unfold {name}_expected, {name}_on_correct, {name}_on_wrong, {name}_factor, Rdiv.
  transitivity ((p - q) ^ 2 * {name}_factor_whole p q * / {scale}); [rewrite <- whole |]; ring.
Qed.

Lemma {name}_factor_nonnegative : forall p q, 0 <= p <= 1 -> 0 <= q <= 1 -> 0 <= {name}_factor p q.
Proof.
  intros p q [] []; unfold {name}_factor, {name}_factor_whole, Rdiv.
  assert (0 <= 1 - p /\\ 0 <= 1 - q) as [] by lra.
  repeat match goal with
  | |- 0 <= _ + _ => apply Rplus_le_le_0_compat
  | |- 0 <= _ * _ => apply Rmult_le_pos
  | |- 0 <= _ ^ 2 => apply pow2_ge_0
  | |- 0 <= _ ^ _ => apply pow_le
  end; first [assumption | apply IZR_le; discriminate | lra].
Qed.

Theorem {name}_proper : forall p q, 0 <= p <= 1 -> 0 <= q <= 1 -> {name}_expected p q <= {name}_expected p p.
Proof.
  intros p q p01 q01; pose proof ({name}_identity p q).
  pose proof (Rmult_le_pos _ _ (pow2_ge_0 (p - q)) ({name}_factor_nonnegative p q p01 q01)); lra.
Qed.
"""

JOINTLY_OPTIMAL = """
(* No answer with any report earns more than the most probable answer with the honest report. *)
Theorem {name}_jointly_optimal : forall answers best,
  (forall p, In p answers -> 0 <= p <= 1) -> In best answers -> (forall p, In p answers -> p <= best) ->
  forall p q, In p answers -> 0 <= q <= 1 -> {name}_expected p q <= {name}_expected best best.
Proof.
  intros answers best all among top p q member q01.
  pose proof (all p member) as p01; pose proof (all best among) as best01; pose proof (top p member).
  assert (0 <= 0 <= 1) as zero01 by lra.
  assert ({name}_on_wrong 0 <= {name}_on_correct 0) as sign.
  {{ unfold {name}_on_wrong, {name}_on_correct, {name}_wrong_whole, {name}_correct_whole; lra. }}
  pose proof ({name}_proper 0 p zero01 p01) as at_0; pose proof ({name}_proper p 0 p01 zero01) as at_p.
  apply Rle_trans with ({name}_expected p p); [apply {name}_proper; assumption |].
  apply Rle_trans with ({name}_expected best p); [| apply {name}_proper; assumption].
  unfold {name}_expected in *.
  assert (0 <= p * ({name}_on_correct p - {name}_on_wrong p)) as slope by nra.
  destruct (Req_dec p 0) as [-> |]; [nra |].
  assert (0 <= {name}_on_correct p - {name}_on_wrong p) by nra; nra.
Qed.
"""

NOT_JOINTLY_OPTIMAL = """
(* Of two answers, a surely wrong one with confidence 0 earns more than a better one with the honest report. *)
Theorem {name}_not_jointly_optimal : {name}_expected {witness} {witness} < {name}_expected 0 0.
Proof.
  pose proof ({name}_proper 0 {witness}) as floor.
  unfold {name}_expected, {name}_on_correct, {name}_on_wrong, {name}_correct_whole, {name}_wrong_whole in *; lra.
Qed.
"""
