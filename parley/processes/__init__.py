"""The processes' entry points: the action server and the web channel. The bot's own is `bot/serve.py`."""
