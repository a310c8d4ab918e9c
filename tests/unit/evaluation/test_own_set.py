"""Times in the development test set are written as seen from the day of measuring."""

from datetime import date

import pytest

from evaluation.own_set import moment

WEDNESDAY = date(2026, 3, 4)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("day+0", "2026-03-04"),
        ("day-1", "2026-03-03"),
        ("coming-3", "2026-03-11"),
        ("coming-5", "2026-03-06"),
        ("week+1-2", "2026-03-10"),
        ("week+1-2 15:00", "2026-03-10T15:00:00+01:00"),
        ("2031-06-03 09:30", "2031-06-03T09:30:00+02:00"),
    ],
)
def test_a_time_is_seen_from_the_day_of_measuring(written: str, expected: str) -> None:
    assert moment(written, WEDNESDAY) == expected


def test_what_is_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="coming-5"):
        moment("next tuesday", WEDNESDAY)
