"""Files of sites read batch by batch, however large they are."""
