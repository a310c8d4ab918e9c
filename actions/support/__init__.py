"""What the actions share: the turn they read, the reply they give, and how they reach the services.

rasa-sdk imports every module below `actions/` and makes one of every concrete `Action`. Only abstract
ones live here, so nothing in this package is registered.
"""
