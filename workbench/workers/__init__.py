"""OpenSim in separate processes: the pool, the response surfaces and their cache."""
