"""The gateway's limits and times, in one place. Seconds, unless the name says otherwise."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class GatewayPolicy:
    """`turn_seconds` is what a customer waits before a sentence says so; Rasa's own limit is 8 s.

    `hold_seconds` is how long a process may work on a message before another takes it up; it exceeds a turn.
    A failed turn is repeated after `retry_first`, doubling to `retry_most`, until `give_up_seconds` after the
    message came in. `side_by_side` turns may be at the bot at once, which serves one at a time: more would
    only spend their time limit in its queue.

    A message that a channel didn't take is sent again after `deliver_first`, doubling to `deliver_most`, until it
    is `deliver_hours` old; `deliveries_side_by_side` conversations are sent to at once. What channels delivered
    is recognised as repeated for `remember_days`.
    """

    max_characters: int = 1000
    turn_seconds: float = 12.0
    hold_seconds: float = 20.0
    retry_first: float = 2.0
    retry_most: float = 30.0
    give_up_seconds: float = 600.0
    queue_seconds: float = 180.0
    side_by_side: int = 32
    outbox_every: float = 0.5
    recover_every: float = 2.0
    queue_every: float = 2.0
    shop_every: float = 60.0
    forget_every: float = 15.0
    closing_seconds: float = 3.0
    deliver_first: float = 1.0
    deliver_most: float = 60.0
    deliver_hours: float = 24.0
    deliveries_side_by_side: int = 64
    remember_days: int = 7
    remember_every: float = 3600.0

    @property
    def hold_for(self) -> timedelta:
        """`hold_seconds` as a duration."""
        return timedelta(seconds=self.hold_seconds)
