"""The screen in the waiting area: who is called where, names masked, never silent about its own staleness."""
