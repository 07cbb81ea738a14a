"""Records as rows of value numbers, ready for kernels."""
