"""Slack, where staff work: alerts, live chat with customers, questions in plain words.

What Slack delivers is stored, acknowledged, then worked off in order (`app.py`); who may ask is decided by the staff
list (`members.py`); one listener a file (`listeners/`); translation is pure (`inbound.py`, `render.py`, `cards.py`).
"""
