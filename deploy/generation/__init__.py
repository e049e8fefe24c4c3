"""What is generated from the contracts and committed."""
