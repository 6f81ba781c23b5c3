"""Pages by who sits there: they parse, call an action, journey or query, and render. No decision is made here."""
