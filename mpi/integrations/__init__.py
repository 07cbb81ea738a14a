"""This project's kernels behind other libraries' interfaces; none of them is a dependency."""
