"""The only importer of OpenSim: models, motions, and the mechanics behind the knee loads."""

import opensim

# OpenSim would write a log file into whatever folder the user happens to be in, and talk on standard output.
opensim.Logger.removeFileSink()
opensim.Logger.setLevelString("error")
