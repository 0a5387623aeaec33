"""What laboratories have: markers, force plates and events, before a model has seen them."""
