"""Claims about rewards for all p and q, and certificates that anyone can check."""
