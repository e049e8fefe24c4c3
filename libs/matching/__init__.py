"""Words of texts and queries: one folding and one matcher, whoever compares; no input or output."""
