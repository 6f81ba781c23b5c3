"""The department of clinic sessions, places and appointments."""
