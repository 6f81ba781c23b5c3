"""Payment channels. Only the simulated one ships; a real one implements ``billing.words.PaymentProvider`` beside it."""
