"""What `scripts/benchmark.py` is made of: the ground, the contenders, the rounds, the table."""
