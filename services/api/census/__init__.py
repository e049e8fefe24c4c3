"""The census: from where accounts come into the registry, each with its proof or its refusal."""
