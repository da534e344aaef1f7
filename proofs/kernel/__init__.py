"""The trusted kernel: grammar, normal form, intervals, certificate check. Exact, no search, no floats."""
