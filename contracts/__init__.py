"""What travels, what is stored, what is shown; knows no service."""
