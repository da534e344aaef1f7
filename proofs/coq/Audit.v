(** * Audit

    Prints what the main theorems rest on, module by module (one theorem at a time would take four times as long and
    say the same: a group rests on what its members rest on). The log may name the axioms of Coq's real numbers and
    nothing else:

      ClassicalDedekindReals.sig_forall_dec, ClassicalDedekindReals.sig_not_dec (decidability that builds the reals)
      FunctionalExtensionality.functional_extensionality_dep               (equality of functions)
      Classical_Prop.classic                                               (excluded middle, in the library of limits)

    An unfinished proof would show up here as one more axiom. *)

From ScoringTheory Require Import Definitions JointOptimality Margin Extended Brier Spherical Logarithm Cone Thresholds
  Distributions SafeCone Pieces WeightIdentity Normalised SmallSpread Populations KClass ClassRules ClassTies
  GradedScores VerifierErrors OutcomeFilter LeaveOneOutStd SeparateCredit.

Definition definitions_theorems := (
  @proper_iff_honesty_is_the_best).
Print Assumptions definitions_theorems.

Definition joint_optimality_theorems := (
  @accuracy_rewarded_iff_least_at_zero, @jointly_optimal_iff_accuracy_rewarded,
  @jointly_optimal_iff_least_at_zero, @joint_optimality, @strict_joint_optimality, @converse_witness, @converse).
Print Assumptions joint_optimality_theorems.

Definition margin_theorems := (
  @jointly_optimal_iff_margin, @jointly_optimal_iff_limit, @jointly_optimal_iff_sign, @critical_weight).
Print Assumptions margin_theorems.

Definition extended_theorems := (
  @finite_proper_iff, @extended_jointly_optimal_iff_least_at_zero, @extended_joint_optimality,
  @extended_strict_joint_optimality, @extended_converse_witness, @extended_converse,
  @extended_jointly_optimal_iff_margin).
Print Assumptions extended_theorems.

Definition brier_theorems := (
  @brier_strictly_proper, @rlcr_jointly_optimal, @rlcr_fails_at_witness, @rlcr_not_jointly_optimal,
  @rlcr_jointly_optimal_iff).
Print Assumptions brier_theorems.

Definition spherical_theorems := (
  @spherical_strictly_proper, @spherical_jointly_optimal_iff, @spherical_strictly_jointly_optimal).
Print Assumptions spherical_theorems.

Definition logarithm_theorems := (
  @log_strictly_proper, @log_fails_at_witness, @log_not_jointly_optimal, @one_sided_strictly_proper,
  @one_sided_jointly_optimal, @one_sided_unbounded).
Print Assumptions logarithm_theorems.

Definition cone_theorems := (
  @safe_constant, @safe_sum, @safe_scaled, @safe_limit).
Print Assumptions cone_theorems.

Definition thresholds_theorems := (
  @bet_proper, @bet_safe, @mixture_safe, @mixture_proper, @mixture_jointly_optimal, @mixture_spread,
  @mixture_range, @negative_bet_improper).
Print Assumptions thresholds_theorems.

Definition distributions_theorems := (
  @from_distribution_proper, @from_distribution_safe, @strictly_proper_iff_increasing, @value_is_area,
  @every_proper_reward_is_a_mixture).
Print Assumptions distributions_theorems.

Definition safe_cone_theorems := (
  @nonnegative_mixture_safe, @safe_iff_nonnegative_mixture, @safe_range).
Print Assumptions safe_cone_theorems.

Definition pieces_theorems := (
  @proper_of_pieces, @proper_on_piece, @strict_of_weight).
Print Assumptions pieces_theorems.

Definition weight_identity_theorems := (
  @proper_by_identity, @strictly_proper_by_identity, @proper_iff_factor_nonnegative,
  @beta22_strictly_jointly_optimal, @square_strictly_jointly_optimal).
Print Assumptions weight_identity_theorems.

Definition normalised_theorems := (
  @linear_best_report_1, @linear_best_report_0, @linear_improper, @shared_pair_is_linear,
  @shared_pair_follows_confidence, @shared_pair_rlcr, @shared_group_affine_is_linear).
Print Assumptions normalised_theorems.

Definition small_spread_theorems := (
  @no_deviation_no_advantage, @independent_advantage_close, @independent_advantage_limit,
  @independent_advantage_alike, @shared_deviant_is_linear, @no_interior_report_is_stable,
  @rlcr_independent_advantage, @rlcr_no_interior_report_is_stable, @rlcr_zero_is_stable).
Print Assumptions small_spread_theorems.

Definition populations_theorems := (
  @shared_population_limit, @independent_population_limit).
Print Assumptions populations_theorems.

Definition kclass_theorems := (
  @untied_report_jointly_optimal, @class_brier_proper, @class_brier_jointly_optimal).
Print Assumptions kclass_theorems.

Definition class_rules_theorems := (
  @untied_report_strictly_optimal, @class_brier_strictly_proper, @class_spherical_strictly_proper,
  @class_spherical_proper, @class_log_strictly_proper, @class_log_strictly_optimal).
Print Assumptions class_rules_theorems.

Definition class_ties_theorems := (
  @mode_tied_jointly_optimal, @mode_tied_only_the_report, @top_label_of_jointly_optimal,
  @top_label_iff_jointly_optimal, @top_label_log_fails, @top_label_brier_iff, @tied_top_label_of_sign,
  @tied_top_label_brier_iff).
Print Assumptions class_ties_theorems.

Definition graded_scores_theorems := (
  @extension_depends_on_the_mean, @extension_proper_iff, @extension_strictly_proper_iff,
  @extension_jointly_optimal_iff, @extension_margin, @extension_strict_joint_optimality, @extension_plus_score,
  @affine_between_the_ends, @graded_jointly_optimal_iff, @graded_brier_strictly_proper, @graded_brier_fails_at_witness,
  @graded_brier_not_jointly_optimal, @extended_rlcr_jointly_optimal_iff).
Print Assumptions graded_scores_theorems.

Definition verifier_errors_theorems := (
  @expected_under_errors, @errors_best_report, @errors_bias, @errors_jointly_optimal_iff_rising,
  @errors_jointly_optimal_iff_margin, @errors_jointly_optimal_iff_limit, @errors_keep_joint_optimality,
  @errors_rlcr_iff, @errors_log_iff, @errors_tie, @errors_reverse_the_order, @errors_reverse_strictly_safe,
  @errors_jointly_optimal_iff_falling, @corrected_expectation, @corrected_iff, @errors_by_answer_prefer_the_worse).
Print Assumptions verifier_errors_theorems.

Definition outcome_filter_theorems := (
  @filter_pays_for_mixed_groups, @right_given_mixed_is_conditional, @filter_best_report, @right_given_mixed_pairs,
  @right_given_mixed_triples, @right_given_mixed_half, @right_given_mixed_between, @filter_is_improper).
Print Assumptions outcome_filter_theorems.

Definition leave_one_out_std_theorems := (
  @left_out_advantage_affine, @left_out_independent, @left_out_keeps_the_order, @left_out_std_keeps_the_order,
  @left_out_advantage_unbounded, @left_out_shared_best_report, @left_out_shared_no_interior_report_is_stable,
  @left_out_shared_counterexample).
Print Assumptions leave_one_out_std_theorems.

Definition separate_credit_theorems := (
  @separate_credit_honest, @separate_credit_iff, @shared_credit_fails,
  @shared_credit_fails_above_the_critical_weight).
Print Assumptions separate_credit_theorems.
