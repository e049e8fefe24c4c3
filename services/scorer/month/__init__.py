"""A month of scores: facts, barème, score, rank, publication."""
