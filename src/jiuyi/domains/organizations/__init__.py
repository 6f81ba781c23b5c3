"""The department of institutions, departments, rooms and practitioners."""
