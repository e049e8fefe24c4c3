"""What searches find, and what of it is kept: what watches look for, said by somebody else."""
