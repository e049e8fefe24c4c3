"""The short mails about a watch: invitation, exercise, who has seen an alert."""
