"""The sentences the bot learns from, and those it is measured on, keep their promises.

Training and test sets are worth nothing when one leaks into the other, so most of what is checked here is distance.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

DATA = Path(__file__).resolve().parents[2] / "data"
# An intent is main unless it stands here: small talk and short answers, which fewer sentences cover.
SMALL_TALK = {
    "greet", "goodbye", "thanks", "help", "bot_challenge", "affirm", "deny", "stop", "inform", "start_over",
    "abuse", "chitchat", "correct", "not_interested", "praise", "think_about_it",
}  # fmt: skip
MARKED = re.compile(r"\[([^\[\]]+)\]\((?:name|company|address)\)")
"""`[Ann Lee](name)`: what no gazetteer lists may be marked, and is learned (docs/adr/0017); rules find the rest."""
SENTIMENTS = {"negative", "neutral", "positive"}
REP = "rep_"  # what reps may say is told apart from other things that reps say, never from a customer's
NEAR = 0.8  # token Jaccard above which two sentences say the same in the same words

Labelled = list[tuple[str, str]]  # (label, text)


def tokens(text: str) -> frozenset[str]:
    words = re.findall(r"\w+", text.casefold())
    return frozenset(words or text.split())


def same_wording(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold())) or text


def utterances(path: Path) -> Iterator[tuple[str, str]]:
    """Without the markup of entities that are learned from it."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    for block in document["nlu"]:
        for line in block["examples"].splitlines():
            yield block["intent"], MARKED.sub(r"\1", line.removeprefix("- "))


def intent_sentences(folder: str) -> Labelled:
    files = sorted(path for path in (DATA / folder).glob("*.yml") if path.stem != "entities")
    assert files, f"no files in data/{folder}"
    return [pair for path in files for pair in utterances(path)]


def sentiment_sentences(folder: str) -> Labelled:
    rows: Labelled = []
    for path in sorted((DATA / folder).glob("*.tsv")):
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        assert header == "label\ttext", f"{path.name}: the first line must be label<TAB>text"
        for number, line in enumerate(lines, start=2):
            label, separator, text = line.partition("\t")
            assert separator, f"{path.name}:{number}: no tab between label and text"
            assert "\t" not in text, f"{path.name}:{number}: a second tab"
            rows.append((label, text))
    return rows


def repeated(texts: Iterable[str]) -> list[str]:
    return [text for text, count in Counter(map(same_wording, texts)).items() if count > 1]


def near_pairs(left: Iterable[str], right: Iterable[str]) -> list[tuple[str, str]]:
    by_size: dict[int, list[tuple[str, frozenset[str]]]] = defaultdict(list)
    for text in right:
        by_size[len(tokens(text))].append((text, tokens(text)))
    found = []
    for text in left:
        bag = tokens(text)
        sizes = [size for size in by_size if min(size, len(bag)) > NEAR * max(size, len(bag))]
        for other, other_bag in (pair for size in sizes for pair in by_size[size]):
            if len(bag & other_bag) > NEAR * len(bag | other_bag):
                found.append((text, other))
    return found


def texts(rows: Labelled) -> list[str]:
    return [text for _, text in rows]


def by_role(rows: Labelled) -> tuple[Labelled, Labelled]:
    """A customer's sentences, a rep's."""
    return [row for row in rows if not row[0].startswith(REP)], [
        row for row in rows if row[0].startswith(REP)
    ]


@pytest.fixture(scope="module")
def training() -> Labelled:
    return intent_sentences("nlu")


@pytest.fixture(scope="module")
def held_out() -> Labelled:
    return intent_sentences("nlu_test")


@pytest.fixture(scope="module")
def mood_training() -> Labelled:
    return sentiment_sentences("sentiment")


@pytest.fixture(scope="module")
def mood_held_out() -> Labelled:
    return sentiment_sentences("sentiment_test")


@pytest.mark.parametrize("folder", ["nlu", "nlu_test"])
def test_each_file_is_rasa_training_data_of_version_3_1(folder: str) -> None:
    for path in (DATA / folder).glob("*.yml"):
        if path.stem == "entities":
            continue
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert document["version"] == "3.1", path
        for block in document["nlu"]:
            assert block.keys() == {"intent", "examples"}, path
            for line in block["examples"].splitlines():
                assert re.fullmatch(r"- \S(.*\S)?", line), f"{path.name}: {line!r}"


def test_only_what_is_learned_is_marked() -> None:
    assert MARKED.sub(r"\1", "hi, [Ann Lee](name) of [Fjell & Co](company)") == "hi, Ann Lee of Fjell & Co"
    assert MARKED.sub(r"\1", "a [red](color) one") == "a [red](color) one"


def test_no_utterance_has_other_markup_or_looks_like_a_payload(
    training: Labelled, held_out: Labelled
) -> None:
    odd = [text for _, text in training + held_out if re.search(r"[\[\]{}]", text) or text.startswith("/")]
    assert odd == []


def test_each_intent_has_enough_training_utterances(training: Labelled) -> None:
    counts = Counter(intent for intent, _ in training)
    assert {intent: count for intent, count in counts.items() if count < _fewest(intent)} == {}


def _fewest(intent: str) -> int:
    if intent.startswith(REP):
        return 40
    return 30 if intent in SMALL_TALK else 60


def test_small_talk_is_trained(training: Labelled) -> None:
    assert SMALL_TALK - {intent for intent, _ in training} == set()


def test_each_trained_intent_has_at_least_twelve_test_utterances(
    training: Labelled, held_out: Labelled
) -> None:
    counts = Counter(intent for intent, _ in held_out)
    assert {intent: counts[intent] for intent, _ in training if counts[intent] < 12} == {}


def test_the_test_set_has_no_intent_that_is_never_trained(training: Labelled, held_out: Labelled) -> None:
    trained = {intent for intent, _ in training}
    assert "nlu_fallback" not in trained
    assert {intent for intent, _ in held_out} - trained == {"nlu_fallback"}


def test_there_are_at_least_a_hundred_and_fifty_texts_out_of_scope(held_out: Labelled) -> None:
    assert sum(intent == "nlu_fallback" for intent, _ in held_out) >= 150


def test_no_training_utterance_stands_twice_within_or_across_intents(training: Labelled) -> None:
    assert [repeated(texts(rows)) for rows in by_role(training)] == [[], []]


def test_no_test_utterance_stands_twice(held_out: Labelled) -> None:
    assert [repeated(texts(rows)) for rows in by_role(held_out)] == [[], []]


def test_no_test_utterance_is_close_to_a_training_utterance(training: Labelled, held_out: Labelled) -> None:
    for tested, learned in zip(by_role(held_out), by_role(training), strict=True):
        assert near_pairs(texts(tested), texts(learned)) == []


def test_the_closeness_check_finds_a_sentence_that_leaked(training: Labelled) -> None:
    _, leaked = training[0]
    assert near_pairs([leaked.upper() + "!!"], texts(training))
    assert repeated([leaked, leaked.upper()])


def test_training_utterances_vary_in_length(training: Labelled) -> None:
    for intent in {intent for intent, _ in training if not intent.startswith(REP)} - SMALL_TALK:
        lengths = [len(text.split()) for label, text in training if label == intent]
        assert min(lengths) <= 3, intent
        assert max(lengths) >= 11, intent


def test_entity_sentences_follow_the_catalogue() -> None:
    catalogue = [json.loads(line) for line in (DATA / "shop/catalogue.jsonl").read_text("utf-8").splitlines()]
    known: dict[str, set[Any]] = {
        "brand": {product["brand"] for product in catalogue},
        "category": {product["category"] for product in catalogue},
        "product": {product["sku"] for product in catalogue},
        "attribute": {name for product in catalogue for name in product["attributes"]},
    }
    roles: dict[str, set[str | None]] = {
        "brand": {None, "exclude"},
        "category": {None, "exclude"},
        "attribute": {None, "exclude"},
        "price": {"max", "min", "about", "exact"},
    }
    examples = yaml.safe_load((DATA / "nlu_test/entities.yml").read_text("utf-8"))["examples"]
    assert len(examples) >= 220
    assert repeated(example["text"] for example in examples) == []
    for example in examples:
        for entity in example["entities"]:
            kind, value = entity["entity"], entity["value"]
            assert entity.get("role") in roles.get(kind, {None}), example
            if kind in known:
                assert (value["name"] if kind == "attribute" else value) in known[kind], example
            if kind == "attribute":
                assert value.keys() == {"name", "op", "value"}, example
                assert value["op"] in {"min", "max", "is"}, example
            if kind in {"quantity", "ordinal"}:
                assert isinstance(value, int), example
            if kind == "price":
                assert re.fullmatch(r"\d+(\.\d+)?", value), example
            if kind == "order_number":
                assert re.fullmatch(r"PL-\d{4}-\d{4}", value), example


def test_sentiment_has_enough_sentences_of_each_label(mood_training: Labelled) -> None:
    counts = Counter(label for label, _ in mood_training)
    assert counts.keys() == SENTIMENTS
    assert counts.total() >= 3000
    assert min(counts.values()) >= 700


def test_the_sentiment_test_set_has_enough_sentences_of_each_label(mood_held_out: Labelled) -> None:
    counts = Counter(label for label, _ in mood_held_out)
    assert counts.keys() == SENTIMENTS
    assert counts.total() >= 150
    assert min(counts.values()) >= 40


def test_no_sentiment_sentence_stands_twice(mood_training: Labelled, mood_held_out: Labelled) -> None:
    for rows in (mood_training, mood_held_out):
        doubled = [
            text for text, count in Counter(text.casefold() for text in texts(rows)).items() if count > 1
        ]
        assert doubled == []


def test_no_sentiment_test_sentence_is_close_to_a_training_sentence(
    mood_training: Labelled, mood_held_out: Labelled
) -> None:
    assert near_pairs(texts(mood_held_out), texts(mood_training)) == []
