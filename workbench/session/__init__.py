"""One user's state, independent of widgets and OpenSim."""
