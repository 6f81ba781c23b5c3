"""Benchmarks: ``python -m bench NAME [--quick] [--json FILE]``. Each measures its reference in the same run."""
