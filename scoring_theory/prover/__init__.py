"""The search for certificates. It may be clever and it may be wrong; only what `proofs.kernel.check` accepts is believed."""
