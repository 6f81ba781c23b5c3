"""Named, deterministic worlds and simulated days: used by the demo, tests, screenshots and benchmarks."""
