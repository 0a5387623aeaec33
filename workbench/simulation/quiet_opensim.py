"""OpenSim without its log file, which it would write into the current folder, and without its console output."""

from workbench.core.errors import require

require("opensim", of="a simulation")

import opensim  # noqa: E402  # said in words where it is missing

opensim.Logger.removeFileSink()
opensim.Logger.setLevelString("error")

__all__ = ["opensim"]
