"""The example county: real outline and river, demonstration lines on a shared tessellation."""
