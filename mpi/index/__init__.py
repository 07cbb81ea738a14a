"""The master index."""
