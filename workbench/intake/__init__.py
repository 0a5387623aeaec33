"""From whatever a person has to a trial folder: the stages in order, each with its findings."""
