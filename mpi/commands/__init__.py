"""What each command does; `mpi.cli` declares them and calls here."""
