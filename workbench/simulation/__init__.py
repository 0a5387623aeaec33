"""The only importer of OpenSim: models, motions, and the mechanics behind the knee loads."""
