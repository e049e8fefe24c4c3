"""What a month that is published leaves in the small state: notices and copies under embargo."""
