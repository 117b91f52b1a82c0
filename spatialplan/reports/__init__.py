"""What was found, written down, by what it is about; what they share stands beside these folders.

`reviews` holds the check of a plan, `screenings` that of project sites, `opinions` the Word
document about sites, `inspections` that of a delivery, `drafts` a plan file to start from,
`monitorings` the comparison of two editions of land cover.
"""
