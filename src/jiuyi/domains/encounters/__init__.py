"""The department of visits: what was found, said, ordered and signed."""
