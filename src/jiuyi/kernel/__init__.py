"""The ground floor: money, time, ids, refusals, events and rule parameters. No Django, no I/O."""
