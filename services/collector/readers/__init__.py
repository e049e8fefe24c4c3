"""What readers of networks share: the frame of one, how it asks, what it finds as events."""
