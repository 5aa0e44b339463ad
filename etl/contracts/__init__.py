"""What each frame and table holds: the one source for types, checks and descriptions."""
