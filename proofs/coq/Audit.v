(** * Audit

    Prints what the main theorems rest on, module by module (one theorem at a time would take four times as long and say the
    same: a group rests on what its members rest on). The log may name the axioms of Coq's real numbers and nothing else:

      ClassicalDedekindReals.sig_forall_dec, ClassicalDedekindReals.sig_not_dec   (decidability used to build the reals)
      FunctionalExtensionality.functional_extensionality_dep                      (equality of functions)
      Classical_Prop.classic                                                      (excluded middle, in the library of limits)

    An unfinished proof would show up here as one more axiom. *)

From ScoringTheory Require Import Definitions JointOptimality Margin Extended Logarithm Brier Spherical Cone Thresholds
  Normalised WeightIdentity.

Definition definitions_theorems := (
  @proper_iff_honesty_is_the_best).
Print Assumptions definitions_theorems.

Definition joint_optimality_and_converse_theorems := (
  @accuracy_rewarded_iff_least_at_zero, @jointly_optimal_iff_accuracy_rewarded,
  @jointly_optimal_iff_least_at_zero, @joint_optimality, @strict_joint_optimality, @converse_witness, @converse).
Print Assumptions joint_optimality_and_converse_theorems.

Definition margin_theorems := (
  @jointly_optimal_iff_margin, @jointly_optimal_iff_limit, @jointly_optimal_iff_sign, @critical_weight).
Print Assumptions margin_theorems.

Definition minus_infinity_theorems := (
  @extended_jointly_optimal_iff_least_at_zero, @extended_joint_optimality, @extended_strict_joint_optimality,
  @extended_converse_witness, @extended_converse).
Print Assumptions minus_infinity_theorems.

Definition logarithm_theorems := (
  @log_strictly_proper, @log_fails_at_witness, @log_not_jointly_optimal, @one_sided_strictly_proper,
  @one_sided_jointly_optimal, @one_sided_unbounded).
Print Assumptions logarithm_theorems.

Definition brier_theorems := (
  @brier_strictly_proper, @rlcr_jointly_optimal, @rlcr_fails_at_witness, @rlcr_not_jointly_optimal,
  @rlcr_jointly_optimal_iff).
Print Assumptions brier_theorems.

Definition spherical_theorems := (
  @spherical_strictly_proper, @spherical_jointly_optimal_iff, @spherical_strictly_jointly_optimal).
Print Assumptions spherical_theorems.

Definition cone_and_thresholds_theorems := (
  @safe_sum, @safe_scaled, @safe_limit, @bet_safe, @mixture_safe, @mixture_spread, @mixture_range,
  @negative_bet_improper).
Print Assumptions cone_and_thresholds_theorems.

Definition normalised_theorems := (
  @linear_improper, @linear_best_report_0, @linear_best_report_1, @shared_pair_is_linear,
  @shared_group_affine_is_linear).
Print Assumptions normalised_theorems.

Definition weight_identity_theorems := (
  @proper_iff_factor_nonnegative, @proper_by_identity, @strictly_proper_by_identity,
  @beta22_strictly_jointly_optimal, @square_strictly_jointly_optimal).
Print Assumptions weight_identity_theorems.
