"""Recommends products, each with the evidence that ranked it: similar, compare, goes with, for you, upgrade."""

from models.recommend.comparison import Comparison, Row, compare
from models.recommend.cross_sell import CrossSell, CrossSellRanker
from models.recommend.errors import ModelCorrupt, ModelMissing, ModelUnusable
from models.recommend.evidence import Evidence, Recommendation, Strategy
from models.recommend.history import History
from models.recommend.recommender import Recommender

__all__ = [
    "Comparison",
    "CrossSell",
    "CrossSellRanker",
    "Evidence",
    "History",
    "ModelCorrupt",
    "ModelMissing",
    "ModelUnusable",
    "Recommendation",
    "Recommender",
    "Row",
    "Strategy",
    "compare",
]
