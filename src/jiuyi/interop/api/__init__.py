"""The doors for other programmes: the mini-programme of patients, and partners' platforms. One pool, the same journeys."""
