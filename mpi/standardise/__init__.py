"""Records in one standard form."""
