"""The department of prices, charges, payments, refunds and the ledger."""
