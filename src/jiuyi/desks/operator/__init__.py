"""The telephone: whoever calls is booked from the same places as everybody, on one screen."""
