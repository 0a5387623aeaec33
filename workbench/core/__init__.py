"""The numerical core: numpy and scipy only, no OpenSim, no page."""
