"""The department of queues, tickets, calling."""
