"""How each channel delivers, one file each, of the name it has in `contracts/channels/`."""
