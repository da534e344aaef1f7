"""The search for certificates. It may be clever and wrong; only what `proofs.kernel.verifier` accepts is believed."""
