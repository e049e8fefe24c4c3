"""Speed and memory, measured side by side with what else could be used: `make bench`."""
