"""The job behind ``spatialplan inspect``: find tables, recognise, diagnose, gather."""
