"""What is asserted for all p and q, and how anyone can check it. Standard library alone."""
