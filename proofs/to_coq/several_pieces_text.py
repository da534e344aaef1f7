"""The fixed text of an exported Coq file of several pieces, which `several_pieces` fills in.

After the header and `GENERAL` (which is used as it stands) come the theorems of each piece, as in
`one_piece_text`; then the `RULE`, one `CUT` for each piece, and the theorems about the rule as a
whole.
"""

GENERAL = """
(* The statements up to the rule itself hold for any payoffs f and g. *)
Definition expected (f g : R -> R) (p q : R) : R := p * f q + (1 - p) * g q.
Definition honest (f g : R -> R) (a b : R) : Prop :=
  forall p q, a <= p <= b -> a <= q <= b -> expected f g p q <= expected f g p p.
Definition strictly_honest (f g : R -> R) (a b : R) : Prop :=
  forall p q, a <= p <= b -> a <= q <= b -> p <> q -> expected f g p q < expected f g p p.

(* Two pieces with a common end, both proper, are proper together. *)
Lemma glue : forall f g a b c, a <= b <= c -> honest f g a b -> honest f g b c -> honest f g a c.
Proof.
  unfold honest, expected; intros f g a b c ordered left right p q p_in q_in.
  destruct (Rle_dec p b), (Rle_dec q b); [apply left; lra | | | apply right; lra].
  - pose proof (left p b ltac:(lra) ltac:(lra)); pose proof (right b q ltac:(lra) ltac:(lra)).
    pose proof (right q b ltac:(lra) ltac:(lra)).
    assert (f b - g b <= f q - g q) by nra; nra.
  - pose proof (right p b ltac:(lra) ltac:(lra)); pose proof (left b q ltac:(lra) ltac:(lra)).
    pose proof (left q b ltac:(lra) ltac:(lra)).
    destruct (Req_dec q b) as [-> |]; [lra |].
    assert (f q - g q <= f b - g b) by nra; nra.
Qed.

Lemma glue_strictly : forall f g a b c, a <= b <= c ->
  strictly_honest f g a b -> strictly_honest f g b c -> strictly_honest f g a c.
Proof.
  unfold strictly_honest, expected; intros f g a b c ordered left right p q p_in q_in distinct.
  destruct (Rle_dec p b), (Rle_dec q b); [apply left; lra | | | apply right; lra].
  - destruct (Req_dec p b) as [-> |]; [apply right; lra |].
    pose proof (left p b ltac:(lra) ltac:(lra) ltac:(lra));
    pose proof (right b q ltac:(lra) ltac:(lra) ltac:(lra)).
    pose proof (right q b ltac:(lra) ltac:(lra) ltac:(lra)).
    assert (f b - g b <= f q - g q) by nra; nra.
  - destruct (Req_dec q b) as [-> |]; [apply right; lra |].
    pose proof (right p b ltac:(lra) ltac:(lra) ltac:(lra));
    pose proof (left b q ltac:(lra) ltac:(lra) ltac:(lra)).
    pose proof (left q b ltac:(lra) ltac:(lra) ltac:(lra)).
    assert (f q - g q <= f b - g b) by nra; nra.
Qed.

(* A jump at t from payoffs (x, y) to (x', y') is fair if it leaves the expected reward of the
   truthful report unchanged and does not decrease the difference of the payoffs. *)
Definition fair_jump (t x y x' y' : R) : Prop :=
  t * (x' - x) + (1 - t) * (y' - y) = 0 /\\ x - y <= x' - y'.

(* The rule (f, g) is the polynomials (F, G) between a and b, with fair jumps at both ends. *)
Definition piece (F G f g : R -> R) (a b : R) : Prop :=
  a < b /\\ (forall q, a < q < b -> f q = F q /\\ g q = G q) /\\
  fair_jump a (f a) (g a) (F a) (G a) /\\ fair_jump b (F b) (G b) (f b) (g b).

(* A fair jump does not change the expected reward of the truthful report, and does not increase
   that of the others. *)
Lemma piece_against : forall F G f g a b p q, piece F G f g a b -> a <= p <= b -> a <= q <= b ->
  expected f g p p = expected F G p p /\\ expected f g p q <= expected F G p q.
Proof.
  unfold piece, fair_jump, expected.
  intros F G f g a b p q [less [inside [[even_a up_a] [even_b up_b]]]] p_in q_in; split.
  - destruct (Req_dec p a) as [-> |]; [lra |]; destruct (Req_dec p b) as [-> |]; [lra |].
    destruct (inside p) as [-> ->]; lra.
  - destruct (Req_dec q a) as [-> |]; [nra |]; destruct (Req_dec q b) as [-> |]; [nra |].
    destruct (inside q) as [-> ->]; lra.
Qed.

Lemma piece_honest : forall F G f g a b, piece F G f g a b -> honest F G a b -> honest f g a b.
Proof.
  intros F G f g a b cut polynomials p q p_in q_in.
  destruct (piece_against F G f g a b p q cut p_in q_in);
  pose proof (polynomials p q p_in q_in); lra.
Qed.

Lemma piece_strictly_honest : forall F G f g a b,
  piece F G f g a b -> strictly_honest F G a b -> strictly_honest f g a b.
Proof.
  intros F G f g a b cut polynomials p q p_in q_in distinct.
  destruct (piece_against F G f g a b p q cut p_in q_in);
  pose proof (polynomials p q p_in q_in distinct); lra.
Qed.

(* If the payoffs differ by at least 0 just above the report 0, they do so at every report but 0. *)
Lemma rising_after_0 : forall F G f g b,
  0 < b <= 1 -> piece F G f g 0 b -> honest F G 0 b -> honest f g 0 1 ->
  G 0 <= F 0 -> forall q, 0 < q <= 1 -> g q <= f q.
Proof.
  unfold honest, expected; intros F G f g b b01 cut polynomials whole sign q q01.
  assert (forall x, 0 < x < b -> g x <= f x) as first.
  { intros x x_in; destruct cut as [_ [inside _]]; destruct (inside x x_in) as [-> ->].
    pose proof (polynomials 0 x ltac:(lra) ltac:(lra));
    pose proof (polynomials x 0 ltac:(lra) ltac:(lra)); nra. }
  destruct (Rlt_dec q b); [apply first; lra |].
  pose proof (first (b / 2) ltac:(lra)); pose proof (whole q (b / 2) ltac:(lra) ltac:(lra)).
  pose proof (whole (b / 2) q ltac:(lra) ltac:(lra)); nra.
Qed.

Lemma value_rises : forall F G f g b,
  0 < b <= 1 -> piece F G f g 0 b -> honest F G 0 b -> honest f g 0 1 -> G 0 <= F 0 ->
  forall p best, 0 <= p <= best -> best <= 1 -> expected f g p p <= expected f g best best.
Proof.
  intros F G f g b b01 cut polynomials whole sign p best ordered best01.
  pose proof (rising_after_0 F G f g b b01 cut polynomials whole sign) as rising.
  assert (forall x y, 0 < x <= y -> y <= 1 -> expected f g x x <= expected f g y y) as later.
  { intros x y x_in y01; apply Rle_trans with (expected f g y x); [| apply whole; lra].
    unfold expected; pose proof (rising x ltac:(lra)); nra. }
  destruct (Req_dec p 0) as [-> |]; [| apply later; lra].
  destruct (Req_dec best 0) as [-> |]; [lra |].
  assert (0 < Rmin best b <= best) by (unfold Rmin; destruct (Rle_dec best b); lra).
  assert (Rmin best b <= b) by apply Rmin_r.
  apply Rle_trans with (expected f g (Rmin best b) (Rmin best b)); [| apply later; lra].
  destruct (piece_against F G f g 0 b 0 0 cut) as [-> _]; try lra.
  destruct (piece_against F G f g 0 b (Rmin best b) 0 cut) as [-> _]; try lra.
  apply Rle_trans with (expected F G (Rmin best b) 0);
    [unfold expected; nra | apply polynomials; lra].
Qed.

Lemma value_rises_strictly : forall F G f g b, 0 < b <= 1 -> piece F G f g 0 b -> honest F G 0 b ->
  strictly_honest f g 0 1 -> honest f g 0 1 ->
  G 0 <= F 0 ->
  forall p best, 0 <= p < best -> best <= 1 -> expected f g p p < expected f g best best.
Proof.
  intros F G f g b b01 cut polynomials strict whole sign p best ordered best01.
  pose proof (rising_after_0 F G f g b b01 cut polynomials whole sign ((p + best) / 2) ltac:(lra)).
  apply Rle_lt_trans with (expected f g ((p + best) / 2) ((p + best) / 2)).
  - apply (value_rises F G f g b); assumption || lra.
  - apply Rle_lt_trans with (expected f g best ((p + best) / 2));
      [unfold expected; nra | apply strict; lra].
Qed.

Ltac choose := repeat match goal with
  | |- context [if ?test then _ else _] => destruct test; try (exfalso; lra)
  end.
"""

RULE = """
(* The payoffs of the rule on each piece and at each cut. *)
Definition {name}_on_correct (q : R) : R :=
  {on_correct}.
Definition {name}_on_wrong (q : R) : R :=
  {on_wrong}.

Definition {name}_expected (p q : R) : R := p * {name}_on_correct q + (1 - p) * {name}_on_wrong q.
"""

CUT = """
Lemma {piece}_cut :
  piece {piece}_on_correct {piece}_on_wrong {name}_on_correct {name}_on_wrong {low} {high}.
Proof.
  unfold piece, fair_jump, {name}_on_correct, {name}_on_wrong; split; [lra |].
  split; [intros q inside; choose; split; reflexivity |].
  split; split; choose; unfold {pieces}; lra.
Qed.
"""

RULE_PROPER = """
(* No report has a larger expected reward than the truthful one. *)
Theorem {name}_proper : forall p q,
  0 <= p <= 1 -> 0 <= q <= 1 -> {name}_expected p q <= {name}_expected p p.
Proof.
  change (honest {name}_on_correct {name}_on_wrong 0 1).
  {proof}
Qed.
"""

RULE_STRICTLY_PROPER = """
(* The truthful report is the only optimal one. *)
Theorem {name}_strictly_proper : forall p q,
  0 <= p <= 1 -> 0 <= q <= 1 -> p <> q -> {name}_expected p q < {name}_expected p p.
Proof.
  change (strictly_honest {name}_on_correct {name}_on_wrong 0 1).
  {proof}
Qed.
"""

RULE_BETTER_ANSWER = """
Lemma {name}_better_answer : forall p best, 0 <= p <= best -> best <= 1 ->
  {name}_expected p p <= {name}_expected best best.
Proof.
  apply (value_rises {name}_piece_1_on_correct {name}_piece_1_on_wrong
    {name}_on_correct {name}_on_wrong {high}).
  all: first [lra | exact {name}_piece_1_cut | exact {name}_piece_1_proper | exact {name}_proper
    | unfold {piece}; lra].
Qed.
"""

RULE_BETTER_ANSWER_STRICTLY = """
Lemma {name}_better_answer_strictly : forall p best, 0 <= p < best -> best <= 1 ->
  {name}_expected p p < {name}_expected best best.
Proof.
  apply (value_rises_strictly {name}_piece_1_on_correct {name}_piece_1_on_wrong
    {name}_on_correct {name}_on_wrong {high}).
  all: first [lra | exact {name}_piece_1_cut | exact {name}_piece_1_proper
    | exact {name}_strictly_proper | exact {name}_proper | unfold {piece}; lra].
Qed.
"""

RULE_NOT_JOINTLY_OPTIMAL = """
(* A certainly wrong answer with confidence 0 has a larger expected reward than a better answer with
   its truthful report. *)
Theorem {name}_not_jointly_optimal : {name}_expected {witness} {witness} < {name}_expected 0 0.
Proof.
  unfold {name}_expected, {name}_on_correct, {name}_on_wrong; choose; unfold {piece}; lra.
Qed.
"""
