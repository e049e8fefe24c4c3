"""What a deployment that refuses everything says of each record."""

REASON = "deployment: refuses everything"
