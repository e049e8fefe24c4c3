"""The fictional networks: one file each, of the network's name."""
