"""A report written: as a page, a sheet of A4 in PDF, slides, a mail; one source of content."""
