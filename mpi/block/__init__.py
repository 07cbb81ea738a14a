"""Which pairs are worth a look."""
