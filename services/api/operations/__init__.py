"""The page of operations: the broker asked, the demonstration's button."""
