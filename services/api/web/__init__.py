"""HTTP: rendering, headers, problems, parameters, access."""
