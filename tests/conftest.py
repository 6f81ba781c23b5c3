"""What every test may count on: a real PostgreSQL."""
