"""From recorded files to a trial folder: the stages in order, each with its findings."""
