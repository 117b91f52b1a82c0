"""What a table is: its role in a plan, told by its name, its fields and its geometry."""
