"""Hours at half of what the line can do: whether memory, handles and lag stay as they are."""
