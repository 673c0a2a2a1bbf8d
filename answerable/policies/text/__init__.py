"""A policy's text: its clauses, what is wrong with its form, its fingerprint, and how two versions differ."""
