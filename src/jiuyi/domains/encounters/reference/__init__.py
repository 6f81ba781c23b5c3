"""Shipped lists and the script that made the long one; see NOTICE for where they come from."""
