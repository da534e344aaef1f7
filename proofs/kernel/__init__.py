"""The trusted kernel: grammar, normal form, intervals and verifier, without search or floats."""
