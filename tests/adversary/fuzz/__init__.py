"""Coverage-guided fuzzing: what a target may raise is part of it, anything else is a finding."""
