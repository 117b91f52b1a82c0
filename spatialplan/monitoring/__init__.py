"""The job behind ``spatialplan monitor``: two editions of land cover, and a ledger kept."""
