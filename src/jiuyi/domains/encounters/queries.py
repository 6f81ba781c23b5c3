"""Room queries: see docs/tour.md."""
