"""Our own launcher for PostgreSQL: see docs/adr/0002-own-postgres-launcher.md."""
