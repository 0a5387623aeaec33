"""OpenSim without its log file, which it would write into whatever folder the user happens to be in, and its talk."""

import opensim

opensim.Logger.removeFileSink()
opensim.Logger.setLevelString("error")

__all__ = ["opensim"]
