"""The department of people, their numbers, accounts, families and care relations."""
