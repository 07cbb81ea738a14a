"""How alike two records are, field by field."""
