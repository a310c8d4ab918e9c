"""The operator's catalogue in the running system: imported, followed by search and gazetteer, and told of."""
