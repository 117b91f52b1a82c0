"""How a judgement is driven over the data: in batches here, or on the workers of a cluster."""
