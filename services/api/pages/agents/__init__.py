"""Pages about who enters: the link, the choice of a territory, one's sessions."""
