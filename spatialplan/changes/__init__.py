"""Land-cover change inside the lines: matrix, and patches of new human activity."""
