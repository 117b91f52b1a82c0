"""What can still be read of damaged tables, record by record."""
