"""Properties of a reward: best reports, ranges, densities, failure thresholds, and the verdicts.

Each question has a file of its name; `scoring_theory.checking` combines the answers.
"""
