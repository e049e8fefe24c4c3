"""The api and the portal: figures read from views, small state, pages for people."""
