"""From a certificate to a Coq file with the same claim: `coq_of`.

Nothing that the kernel accepts depends on this room. `certificate` reads rules of polynomial pieces
out of certificates; `one_piece` and `several_pieces` write the proof of one polynomial rule and of
several with their cuts (`one_piece_text` and `several_pieces_text` hold the fixed Coq);
`coq_formula` writes the formula as it was typed.
"""

from proofs.to_coq.certificate import COQ_CLAIMS, coq_of

__all__ = ["COQ_CLAIMS", "coq_of"]
