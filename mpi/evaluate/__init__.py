"""How good a crosswalk is, against truth."""
