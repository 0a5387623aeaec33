"""OpenSim in processes of its own: the pool, the response surfaces and what is kept of them."""
