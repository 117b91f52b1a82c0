"""The job behind ``spatialplan init``: a plan file for a new county from its delivery."""
