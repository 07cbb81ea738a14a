"""Synthetic citizens with truth."""
