"""How fast groupkit is, beside others measured in the same run: ``python -m benchmarks``."""
