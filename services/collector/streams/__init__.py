"""One file a stream, of the name that its network has in `contracts/networks/`."""
