"""Text to terms: folded, numbers joined with their units, stop words dropped, stemmed.

Catalogue and query pass the same analysis, so that "16 gb", "16-GB" and "16GB" are one term.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

import Stemmer

from models.search.stopwords import STOP_WORDS

_UNITS = {
    "in": ("in", "inch", "inches"),
    "ft": ("ft", "foot", "feet"),
    "yd": ("yd", "yds", "yard", "yards"),
    "mm": ("mm", "millimetre", "millimetres", "millimeter", "millimeters"),
    "cm": ("cm", "centimetre", "centimetres", "centimeter", "centimeters"),
    "m": ("m", "metre", "metres", "meter", "meters"),
    "sqft": ("sqft", "sq ft", "square foot", "square feet", "sf"),
    "cuft": ("cuft", "cu ft", "cubic foot", "cubic feet", "cf"),
    "sqm": ("sqm", "m2", "square metre", "square metres", "square meter", "square meters"),
    "gb": ("gb", "gig", "gigs", "gigabyte", "gigabytes"),
    "tb": ("tb", "terabyte", "terabytes"),
    "mb": ("mb", "megabyte", "megabytes"),
    "mp": ("mp", "mpix", "megapixel", "megapixels"),
    "hz": ("hz", "hertz"),
    "mhz": ("mhz", "megahertz"),
    "ghz": ("ghz", "gigahertz"),
    "mbps": ("mbps", "mbit/s", "mb/s"),
    "rpm": ("rpm",),
    "db": ("db", "decibel", "decibels"),
    "mah": ("mah",),
    "kg": ("kg", "kgs", "kilo", "kilos", "kilogram", "kilograms"),
    "g": ("g", "gram", "grams"),
    "lb": ("lb", "lbs", "pound", "pounds"),
    "oz": ("oz", "ounce", "ounces"),
    "gal": ("gal", "gallon", "gallons"),
    "qt": ("qt", "quart", "quarts"),
    "ml": ("ml", "millilitre", "millilitres", "milliliter", "milliliters"),
    "l": ("l", "litre", "litres", "liter", "liters"),
    "w": ("w", "watt", "watts"),
    "kw": ("kw", "kilowatt", "kilowatts"),
    "wh": ("wh", "watt hour", "watt hours"),
    "kwh": ("kwh", "kilowatt hour", "kilowatt hours"),
    "v": ("v", "volt", "volts"),
    "amp": ("amp", "amps", "ampere", "amperes"),
    "btu": ("btu", "btus"),
    "hp": ("hp", "horsepower"),
    "psi": ("psi",),
    "lm": ("lm", "lumen", "lumens"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "deg": ("deg", "degree", "degrees"),
    "ply": ("ply",),
    "gauge": ("gauge", "ga"),
    "light": ("light", "lights"),
    "pack": ("pack", "pk", "packs"),
    "piece": ("piece", "pieces", "pc", "pcs"),
}
_SPELLINGS = {spelling: unit for unit, spellings in _UNITS.items() for spelling in spellings}
_SPELLED = "|".join(
    sorted((re.escape(s).replace(r"\ ", r"\.?\s*") for s in _SPELLINGS), key=len, reverse=True)
)
_NUMBER = r"\d+(?:[.,]\d+)?(?:/\d+)?"

_INCH_MARKS = re.compile(rf"({_NUMBER})\s*(?:\"|''|”)")
_FOOT_MARKS = re.compile(rf"({_NUMBER})\s*(?:'|’)(?![a-z])")
_TIMES = re.compile(r"(?<=[\d\"'a-z.])\s*[x×]\s*(?=\d)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_MEASURE = re.compile(rf"({_NUMBER})[\s-]*({_SPELLED})\b\.?")
_TERM = re.compile(r"\d+(?:\.\d+)?(?:/\d+)?[a-z]*|[^\W\d_]+\d*[^\W_]*")
_FRACTION = re.compile("[¼-¾⅐-⅞]")
_APOSTROPHE = re.compile(r"(?<=[a-z])['’](?=[a-z])")


def normalised(text: str) -> str:
    """Folded text in which each measure is one word: ``16 gb`` and ``16"`` become ``16gb`` and ``16in``."""
    text = (html.unescape(text) if "&" in text else text).casefold()
    if not text.isascii():
        text = _FRACTION.sub(r" \g<0>", text).replace("″", '"').replace("′", "'")
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in decomposed if not unicodedata.combining(c))
        text = text.replace("⁄", "/").replace("°", " deg ")
    text = _THOUSANDS.sub("", _APOSTROPHE.sub("", text))
    text = _TIMES.sub(" x ", text)
    text = _FOOT_MARKS.sub(r"\1ft ", _INCH_MARKS.sub(r"\1in ", text))
    return _MEASURE.sub(lambda m: f"{m[1].replace(',', '.')}{_unit(m[2])} ", text)


def _unit(spelling: str) -> str:
    plain = " ".join(spelling.replace(".", " ").split())
    return _SPELLINGS.get(plain) or _SPELLINGS.get(plain.replace(" ", ""), plain)


def words(text: str) -> list[str]:
    """The words of a text before stemming, without stop words."""
    return [word for word in _TERM.findall(normalised(text)) if word not in STOP_WORDS]


@lru_cache(maxsize=131_072)  # an index of 100,000 products stems about as many words, each several times
def stem(word: str) -> str:
    """English Snowball stem of one folded word."""
    # A Stemmer isn't safe to share between threads; making one costs 2 µs, and stems are remembered.
    result: str = Stemmer.Stemmer("english", 0).stemWord(word)
    return result


def parts(word: str) -> list[str]:
    """The number in a measure ("16" of "16gb"), so that a query without the unit still finds it."""
    match = re.match(r"(\d+(?:\.\d+)?(?:/\d+)?)([a-z]+)$", word)
    return [match[1]] if match else []


def number_and_word(word: str) -> tuple[str, str] | None:
    """A number and the word run together with it: "6panel" is "6" and "panel". None for a measure or a code."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?(?:/\d+)?)([a-z]{3,})", word)
    return (match[1], match[2]) if match else None
