"""`parley recommend report`: a table, bars, JSON and a chart of what the recommendations led to."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner, Result

from crm.catalogue_records import ProductRecord
from crm.database import Database
from crm.model import Conversation
from crm.services import catalogue, exposures
from crm.services.exposures import Shown
from parley.cli import app

SVG = "{http://www.w3.org/2000/svg}"
PRODUCT = {"sku": "LAP-0001", "name": "Laptop", "brand": "Norrvik", "category": "laptops", "price": "9.99"}


async def show(url: str, strategy: str, times: int, *, opened: int = 0, bought: int = 0) -> None:
    """Record so many showings in as many conversations."""
    database = Database.connect(url)
    async with database.write() as uow:
        record = {**PRODUCT, "currency": "EUR", "stock": 1, "description": "A laptop."}
        await catalogue.import_products(uow, [ProductRecord.model_validate(record)])
        for number in range(times):
            talk = Conversation(channel="web")
            uow.session.add(talk)
            await uow.session.flush()
            await exposures.show(
                uow, talk.id, [Shown("LAP-0001", strategy)], cause=f"{strategy[:8]}-{number}"
            )
            if number < opened:
                await exposures.opened(uow, talk.id, "LAP-0001")
            if number < bought:
                await exposures.bought(uow, talk.id, ["LAP-0001"])
        await uow.commit()
    await database.close()


@pytest.fixture
def url(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database where the search showed 20, of which 5 were opened and 2 bought, and goes-with showed 4."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("COLUMNS", "100")
    asyncio.run(show(sqlite_url, "search", 20, opened=5, bought=2))
    asyncio.run(show(sqlite_url, "goes_with", 4))
    return sqlite_url


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["recommend", "report", *arguments])


def test_the_table_gives_counts_and_shares_of_each_strategy(url: str) -> None:
    lines = [line.split() for line in run().stdout.splitlines()]
    assert ["search", "20", "5", "2", "2", "25.0%", "10.0%"] in lines
    assert ["goes", "with", "4", "0", "0", "0", "0.0%", "0.0%"] in lines


def test_the_bars_tell_how_sure_a_share_is(url: str) -> None:
    bars = [line for line in run().stdout.splitlines() if "click-through" in line and "█" in line]
    assert len(bars) == 1, "a share of nothing has no bar"
    assert "25.0% (11.2–46.9)" in bars[0]


def test_json_holds_the_same_numbers(url: str) -> None:
    found = json.loads(run("--json").stdout)
    assert (found["since"], found["until"]) == (None, None)
    search, goes_with = found["strategies"]
    assert search == {
        "strategy": "search",
        "shown": 20,
        "opened": 5,
        "carted": 2,
        "bought": 2,
        "click_through": 0.25,
        "click_through_95": [0.1119, 0.4687],
        "conversion": 0.1,
        "conversion_95": [0.0279, 0.301],
    }
    assert (goes_with["strategy"], goes_with["conversion"]) == ("goes_with", 0.0)


def test_a_day_without_showings_says_so(url: str) -> None:
    assert "Nothing was shown until 2020-01-01." in run("--until", "2020-01-01").stdout
    assert json.loads(run("--until", "2020-01-01", "--json").stdout)["strategies"] == []


def test_both_days_of_a_period_are_included(url: str) -> None:
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    found = json.loads(run("--since", today, "--until", today, "--json").stdout)
    assert [one["shown"] for one in found["strategies"]] == [20, 4]


def test_the_chart_is_a_picture_that_can_be_read_aloud(url: str, tmp_path: Path) -> None:
    path = tmp_path / "chart.svg"
    assert run("--chart", str(path)).exit_code == 0
    picture = ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314  # our own file
    assert picture.get("role") == "img"
    told = picture.findtext(f"{SVG}desc")
    assert told is not None
    assert "search (20): click-through 25.0% (11.2–46.9), conversion 10.0%" in told
    bars = [bar for bar in picture.iter(f"{SVG}rect") if bar.get("class") == "bar0"]
    widths = [float(bar.get("width", "0")) for bar in bars]
    assert widths[1] > widths[2] == 0, "a legend, then 25 % and nothing"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--since", "yesterday"], "--since"),
        (["--since", "2026-02-30"], "--since"),
        (["--since", "2026-03-02", "--until", "2026-03-01"], "before --since"),
        (["--chart", "chart.png"], "chart.svg"),
        (["--chart", "/nowhere/at/all/chart.svg"], "written"),
    ],
)
def test_a_wrong_option_is_named_with_its_fix(url: str, arguments: list[str], says: str) -> None:
    refused = run(*arguments)
    assert refused.exit_code == 2
    assert says in " ".join(refused.stderr.replace("│", " ").split())


def test_an_empty_report_is_drawn_too(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    path = tmp_path / "chart.svg"
    drawn = run("--chart", str(path))
    assert "Nothing was shown so far." in drawn.stdout
    ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314  # our own file
