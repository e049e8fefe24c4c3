"""Whether what was said is worth telling: pure, for the live deciders and for a preview alike."""
