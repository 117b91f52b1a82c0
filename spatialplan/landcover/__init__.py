"""Land cover inside each line, zone, township and the county, and indicators read from it."""
