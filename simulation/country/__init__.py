"""La France d'essai: territories, accounts, posts, texts, drawn by name."""
