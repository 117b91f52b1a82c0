"""What is wrong with a delivered table: geometry, coverage, position, attributes; each fault with its cure."""
