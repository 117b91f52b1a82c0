"""Whether a file may be opened: where it lies, what an archive holds, what its header claims."""
