"""Readers, field kinds, the record table, quarantine."""
