"""Room rules: see docs/tour.md."""
