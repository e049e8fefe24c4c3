"""What an installation cannot make again, kept in a folder or a bucket, and put back."""
