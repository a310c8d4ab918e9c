"""What Parley adds to Rasa: NLU components, policy, tracker store, input channel and the overrides that hold
them together.
"""
