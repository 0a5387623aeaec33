"""One user's state; knows neither widgets nor OpenSim."""
