"""What a job did, in words a registrar reads."""
