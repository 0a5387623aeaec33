"""Which change would help this person, and how certain that is: numpy only."""
