"""What would help this person, and how sure that is: numpy only."""
