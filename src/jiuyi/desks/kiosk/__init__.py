"""The machine in the hall: check in with a voucher or a card, without anybody signing in."""
