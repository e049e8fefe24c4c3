"""What a person types of a watch, held against what the installation knows."""
