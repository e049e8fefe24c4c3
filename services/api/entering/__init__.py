"""How agents enter: whose address it is, the mail with the link, cookies, who is there."""
