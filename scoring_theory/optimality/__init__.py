"""What is optimal under a reward: best reports, ranges, densities, failure thresholds and the verdicts about them.

Each question is a file of its name; `scoring_theory.checking` puts the answers together.
"""
