"""Days on which people work."""

from datetime import date, timedelta


def working_days_after(day: date, days: int) -> date:
    """The date so many working days (Monday to Friday) later. Public holidays aren't known here."""
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day
