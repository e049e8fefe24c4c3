"""The secrets of an installation: made once, one file each, given to containers as a folder."""
