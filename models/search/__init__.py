"""Product search: ``ProductIndex`` answers a ``Query`` with ``Hit``s that fulfil its every condition."""

from models.search.conditions import fulfils, satisfies
from models.search.errors import IndexCorrupt, IndexMissing, IndexStale, IndexUnusable
from models.search.index import ProductIndex
from models.search.query import AttributeConstraint, Evidence, Hit, Query
from models.search.relaxation import Relaxation, relaxed

__all__ = [
    "AttributeConstraint",
    "Evidence",
    "Hit",
    "IndexCorrupt",
    "IndexMissing",
    "IndexStale",
    "IndexUnusable",
    "ProductIndex",
    "Query",
    "Relaxation",
    "fulfils",
    "relaxed",
    "satisfies",
]
