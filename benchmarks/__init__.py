"""Benchmarks: what a job takes, how good it is, and whether the goals are met."""
