"""Room actions: see docs/tour.md."""
