"""A bot of a dozen intents that exercises what the real one is made of."""
