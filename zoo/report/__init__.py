"""Pages about runs: the report of one, a comparison of several, and a report that follows a training."""
