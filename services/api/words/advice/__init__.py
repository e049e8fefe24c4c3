"""What an agent is advised to do: a lever, why it is this one, and what it would change."""
