"""Laboratory recordings: markers, force plates and events, before any model is involved."""
