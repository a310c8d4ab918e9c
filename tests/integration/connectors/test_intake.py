"""What a channel delivers is claimed once, worked off in order, and survives a crash."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta

import pytest

from connectors.errors import GatewayClosed
from connectors.gateway.intake import Intake, IntakePolicy
from connectors.gateway.sequence import Sequencer
from crm.database import Database
from crm.errors import StorageUnavailable
from crm.model.delivery import Delivery
from crm.services import deliveries
from crm.services.deliveries import Delivered
from tests.integration.connectors.stack import until

QUICK = IntakePolicy(retry_first=0.02, retry_most=0.05, attempts=3, closing_seconds=0.1)


def some(*positions: int, lane: str = "a") -> list[Delivered]:
    return [Delivered(str(position), lane, position, {"number": position}) for position in positions]


class Worker:
    """A handler that remembers, and fails where a test says so."""

    def __init__(self, fail: Callable[[Delivered], None] = lambda one: None, seconds: float = 0.0) -> None:
        self.seen: list[int] = []
        self.by_lane: defaultdict[str, list[int]] = defaultdict(list)
        self.busy = self.most_busy = 0
        self._fail = fail
        self._seconds = seconds

    async def __call__(self, one: Delivered) -> None:
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            await asyncio.sleep(self._seconds)
            self._fail(one)
        finally:
            self.busy -= 1
        self.seen.append(one.position)
        self.by_lane[one.lane].append(one.position)

    def has(self, count: int) -> Callable[[], Awaitable[bool]]:
        async def check() -> bool:
            return len(self.seen) >= count

        return check


async def states(database: Database, ids: Iterable[int]) -> list[tuple[str, object]]:
    async with database.read() as uow:
        rows = [await uow.session.get(Delivery, ("chat", str(one))) for one in ids]
        return [(row.state, row.payload) for row in rows if row is not None]


async def test_a_delivery_that_comes_again_is_worked_off_once(database: Database) -> None:
    worker = Worker()
    intake = Intake(database, "chat", worker, holder="one", policy=QUICK)
    assert await intake.take(some(1, 2)) == 2
    assert await intake.take(some(1, 2, 3)) == 1
    await until(worker.has(3))
    await intake.close()
    assert worker.seen == [1, 2, 3]
    assert await states(database, (1, 2, 3)) == [("done", None)] * 3


async def test_lanes_keep_order_and_run_side_by_side(database: Database) -> None:
    worker = Worker(seconds=0.02)
    intake = Intake(database, "chat", worker, holder="one", policy=QUICK)
    for lane in ("a", "b", "c"):
        start = {"a": 1, "b": 11, "c": 21}[lane]
        await intake.take(some(*range(start, start + 5), lane=lane))
    await until(worker.has(15))
    await intake.close()
    assert all(seen == sorted(seen) for seen in worker.by_lane.values())
    assert worker.most_busy >= 2


async def test_what_a_crashed_process_claimed_is_taken_up_by_the_next(database: Database) -> None:
    async with database.write() as uow:
        claimed = await deliveries.claim(
            uow, "chat", some(1, 2), holder="one", hold_for=timedelta(seconds=60)
        )
        await uow.commit()
    assert len(claimed) == 2
    worker = Worker()
    other = Intake(database, "chat", worker, holder="another", policy=QUICK)
    assert await other.recover() == 0, "it still belongs to the first"
    again = Intake(database, "chat", worker, holder="one", policy=QUICK)
    await again.start()
    await until(worker.has(2))
    await again.close()
    assert worker.seen == [1, 2]


async def test_a_failing_delivery_is_tried_again_before_the_next_of_its_lane(database: Database) -> None:
    left = [2]

    def fail(one: Delivered) -> None:
        if one.position == 1 and left[0]:
            left[0] -= 1
            raise RuntimeError("not now")

    worker = Worker(fail)
    intake = Intake(database, "chat", worker, holder="one", policy=QUICK)
    await intake.take(some(1, 2))
    await until(worker.has(2))
    await intake.close()
    assert worker.seen == [1, 2]


async def test_one_that_always_fails_is_given_up_and_the_lane_goes_on(database: Database) -> None:
    def fail(one: Delivered) -> None:
        if one.position == 1:
            raise RuntimeError("never")

    worker = Worker(fail)
    intake = Intake(database, "chat", worker, holder="one", policy=QUICK)
    await intake.take(some(1, 2))
    await until(worker.has(1))
    await intake.close()
    assert worker.seen == [2]
    assert await states(database, (1, 2)) == [("failed", None), ("done", None)]


async def test_a_database_that_is_away_is_waited_for_however_long(database: Database) -> None:
    left = [8]

    def fail(_: Delivered) -> None:
        if left[0]:
            left[0] -= 1
            raise StorageUnavailable("away")

    worker = Worker(fail)
    intake = Intake(database, "chat", worker, holder="one", policy=QUICK)
    await intake.take(some(1))
    await until(worker.has(1))
    await intake.close()


async def test_closing_gives_back_what_is_not_done(database: Database) -> None:
    worker = Worker(seconds=5)
    intake = Intake(database, "chat", worker, holder="one", policy=QUICK)
    await intake.take(some(1, 2))
    await asyncio.sleep(0.05)
    await intake.close()
    with pytest.raises(GatewayClosed):
        await intake.take(some(3))
    quick = Worker()
    after = Intake(database, "chat", quick, holder="two", policy=QUICK)
    assert await after.recover() == 2
    await until(quick.has(2))
    await after.close()


async def test_one_that_was_overtaken_is_waited_for_a_moment(database: Database) -> None:
    worker = Worker()
    patient = IntakePolicy(patience=30.0, closing_seconds=0.1)
    intake = Intake(database, "chat", worker, holder="one", policy=patient)
    await intake.take(some(12))
    await intake.take(some(14))
    await intake.take(some(11))
    await intake.take(some(13))
    await until(worker.has(4))
    await intake.close()
    assert worker.seen == [11, 12, 13, 14]


async def test_a_number_that_never_comes_holds_nothing_up_for_long() -> None:
    sequencer = Sequencer(0.1)
    for position in (5, 9):
        sequencer.saw(position)
    async with asyncio.timeout(1):
        await sequencer.wait_for_those_before(5)
        await sequencer.wait_for_those_before(9)
        sequencer.saw(10)
        await sequencer.wait_for_those_before(10)
