"""The search for certificates; only what `proofs.kernel.verifier` accepts counts."""
