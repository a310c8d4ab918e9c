"""What Slack tells of, one listener a file: `register(app, slack)` names what it listens to."""
