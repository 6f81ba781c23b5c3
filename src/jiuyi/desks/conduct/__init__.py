"""The desk of fairness: appeals about missed visits, and patterns of booking that somebody should look at."""
