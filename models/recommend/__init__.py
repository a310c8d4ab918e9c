"""Recommends products, each with the evidence that ranked it."""
