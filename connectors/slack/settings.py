"""What Slack needs to know of an installation. Built once, by the composition root."""

from dataclasses import dataclass, field
from decimal import Decimal

API = "https://slack.com/api/"


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """`app_token` is for Socket Mode, `signing_secret` for HTTP; one of them is needed.

    `alert_channel` is the id of the channel that is told of leads and hand-overs; without one nobody is alerted, and
    hand-overs are accepted on the Home tab. `public_url` makes product pictures show, where Slack can reach it.
    """

    bot_token: str = field(repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    alert_channel: str = ""
    api_url: str = API
    public_url: str = ""
    cart_from: Decimal = Decimal(1000)
    mood_below: float = -0.35
    api_seconds: int = 10
    remember_members_seconds: float = 600.0
    settle_seconds: float = 0.15
    alerts_every: float = 1.0
    threads_every: float = 0.5
