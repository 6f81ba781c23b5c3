"""Changes of the day: sessions that stop, move or get a substitute, the calls that follow, and money that could not be sent back."""
