"""Which records together are one person."""
