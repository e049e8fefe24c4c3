"""What people may ask of us by law, done for good."""
