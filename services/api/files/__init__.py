"""Open data: CSV, columns, months, digests, codebook, feed of revisions."""
