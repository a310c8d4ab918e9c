"""Adapting the encoder: what is read and kept back, that the tower learns, and that its graph says the same."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from safetensors.numpy import load_file

from models import adapt_encoder
from models.adaptation import AdaptationError, Settings
from models.adaptation.chain import Chain
from models.adaptation.learn import Reader, kept_back, learned
from models.adaptation.sentences import Sentences, read_sentences
from models.adaptation.swapping import Swaps
from models.adaptation.tagging import tagged, tags_of
from models.adaptation.tower import Tower, read
from models.adaptation.training import pairs
from models.adaptation.wording import fit_rules
from models.encoder_export.weights import Source, installed_source
from parley_encoder import AdaptedEncoder, Encoder
from parley_encoder.lexical import BUCKETS, PIECES, looks

TEXTS = (
    "put it in my basket",
    "I'll take that one",
    "where is my parcel",
    "has my order been sent to Ann Lee yet",
)
SENTENCES = Sentences(TEXTS, ("buy", "buy", "status", "status"), ((), (), (), ((26, 33, "name"),)))
Floats = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def source() -> Source:
    return installed_source()


@pytest.fixture(scope="module")
def parts(source: Source) -> list[dict[str, Floats]]:
    """Both parts, trained in this process."""
    settings = Settings(epochs=6, batch=4, smoothing=0.0, rate=3e-4, head_rate=2e-2, unseen=0.0)
    return [learned(SENTENCES, source, settings, part, show=False) for part in range(2)]


@pytest.fixture(scope="module")
def folder(source: Source, parts: list[dict[str, Floats]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("artifacts") / "adapted"
    adapt_encoder.export(source, SENTENCES, parts, target)
    return target


def test_sentences_are_read_with_what_is_marked_in_them(tmp_path: Path) -> None:
    content = (
        'nlu:\n- intent: find\n  examples: |\n    - a [red](color) phone\n    - "a" [tv]{"entity": "kind"}\n'
    )
    content += "- intent: bye\n  examples: |\n    - see you\n- synonym: tv\n  examples: |\n    - telly\n"
    (tmp_path / "find.yml").write_text(content, encoding="utf-8")
    found = read_sentences(tmp_path)
    assert found.texts == ("a red phone", '"a" tv', "see you")
    assert found.intents == ("find", "find", "bye")
    assert found.entities == (((2, 5, "color"),), ((4, 6, "kind"),), ())
    assert found.kinds == ("color", "kind")


def test_rasas_json_is_read_with_its_entities(tmp_path: Path) -> None:
    marked = {"start": 3, "end": 6, "entity": "name", "value": "Ann"}
    rows = [{"text": "hi Ann", "intent": "greet", "entities": [marked]}, {"text": "bye", "intent": "bye"}]
    path = tmp_path / "train.json"
    path.write_text(json.dumps({"rasa_nlu_data": {"common_examples": rows}}), encoding="utf-8")
    assert read_sentences(path).entities == (((3, 6, "name"),), ())


def test_an_intents_name_is_a_sentence_of_it() -> None:
    named = Sentences(("hi",), ("say_hello",), ((),)).with_names()
    assert named == Sentences(("hi", "say hello"), ("say_hello", "say_hello"), ((), ()))


def test_a_single_intent_is_refused(tmp_path: Path) -> None:
    rows = {"rasa_nlu_data": {"common_examples": [{"text": "hi", "intent": "greet"}]}}
    (tmp_path / "train.json").write_text(json.dumps(rows), encoding="utf-8")
    with pytest.raises(AdaptationError, match="fewer than two intents"):
        read_sentences(tmp_path / "train.json")


def test_a_file_of_another_format_is_named(tmp_path: Path) -> None:
    (tmp_path / "train.json").write_text('{"rows": []}', encoding="utf-8")
    with pytest.raises(AdaptationError, match=r"train\.json"):
        read_sentences(tmp_path / "train.json")


def test_words_are_tagged_where_they_begin_and_go_on() -> None:
    tags = tags_of(("city", "name"))
    assert tags == ["O", "B-city", "I-city", "B-name", "I-name"]
    words = ((0, 3), (4, 6), (7, 10), (11, 15), (16, 19))
    marked = ((0, 3, "name"), (7, 15, "city"), (16, 19, "city"))
    assert [tags[i] for i in tagged(words, marked, tags)] == ["B-name", "O", "B-city", "I-city", "B-city"]
    assert tags_of(()) == []


def test_words_look_alike_where_they_share_letters_and_neighbours() -> None:
    first, second = looks(["see", "Ann", "Lee"]), looks(["see", "anna", "lee"])
    assert first.shape == (3, PIECES)
    assert (first < BUCKETS).all()
    shared = (first[1] == second[1]).sum()
    assert 3 <= shared < PIECES
    assert (first[2] == looks(["see", "ann", "LEE"])[2]).all()


def test_the_field_learns_what_words_look_like_and_what_follows_what() -> None:
    sentences = [
        ("call", "ann", "lee"),
        ("ring", "bob", "ray", "now"),
        ("ann", "lee", "it", "is"),
        ("call", "now"),
    ]
    tags = [(0, 1, 2), (0, 1, 2, 0), (1, 2, 0, 0), (0, 0)]
    seen = [looks(words) for words in sentences]
    added, first, step = fit_rules(seen * 100, tags * 100, 3, seed=7)
    scores = added[looks(("ring", "ann", "lee"))].sum(axis=1)
    assert scores.argmax(axis=1).tolist() == [0, 1, 2]
    assert step[1, 2] > step[1, 1]
    assert step[0, 1] > step[0, 2]
    assert first[0] > first[2]


def test_how_unlikely_tags_are_is_said_among_all_sequences() -> None:
    torch.manual_seed(3)
    chain = Chain(3)
    with torch.no_grad():
        chain.first.copy_(torch.randn(3))
        chain.step.copy_(torch.randn(3, 3))
    first, step = chain.first.detach(), chain.step.detach()
    scores, truth = torch.randn(5, 3), torch.tensor([0, 1, 2, 2, 0])

    def score(begin: int, tags: Sequence[int]) -> float:
        total = float(first[tags[0]]) + sum(float(step[a, b]) for a, b in pairwise(tags))
        return total + sum(float(scores[begin + place, tag]) for place, tag in enumerate(tags))

    expected = 0.0
    for begin, length in ((0, 2), (2, 3)):
        every = [score(begin, tags) for tags in product(range(3), repeat=length)]
        expected += np.logaddexp.reduce(every) - score(begin, truth[begin : begin + length].tolist())
    found = chain.loss(scores, truth, torch.tensor([2, 3]))
    assert float(found.detach()) == pytest.approx(expected / 5, abs=1e-5)


def test_what_is_marked_changes_places_with_its_like() -> None:
    texts = ("call Ann Lee now", "is Bob there", "in Oslo with Zoe", "good day", "I'm Kim")
    marks = (((5, 12, "name"),), ((3, 6, "name"),), ((3, 7, "city"), (13, 16, "name")), (), ((4, 7, "name"),))
    sentences = Sentences(texts, ("a",) * 5, marks)
    swaps = Swaps(sentences, (0, 1, 2, 3))
    chance = np.random.default_rng(1)
    seen = set()
    for _ in range(40):
        for row, (text, marked) in swaps.drawn(0.9, chance).items():
            mentions = [(text[start:end], kind) for start, end, kind in marked]
            assert all(name in {"Ann Lee", "Bob", "Zoe"} for name, kind in mentions if kind == "name")
            assert all(name == "Oslo" for name, kind in mentions if kind == "city")
            assert re.sub("Ann Lee|Bob|Zoe", "", text) == re.sub("Ann Lee|Bob|Zoe", "", texts[row])
            seen.add(text)
    assert {"call Zoe now", "is Ann Lee there", "in Oslo with Bob"} <= seen
    assert swaps.drawn(0.0, chance) == {}


def test_what_changed_is_read_anew_and_nothing_else(source: Source) -> None:
    reader = Reader(SENTENCES, source, Settings().frozen)
    material = reader.material()
    other = Sentences(("put that in my basket", *TEXTS[1:]), SENTENCES.intents, SENTENCES.entities)
    renewed = reader.renewed(material, {0: (other.texts[0], ())})
    expected = Reader(other, source, Settings().frozen).material()
    torch.testing.assert_close(renewed.states[0], expected.states[0], atol=0.03, rtol=0.03)
    assert renewed.tags == expected.tags
    assert renewed.words == expected.words
    assert renewed.states[1:] == material.states[1:]
    assert material.states[0] is not renewed.states[0]


def test_many_types_of_entity_take_more_epochs_and_towers() -> None:
    settings = Settings()
    assert settings.towers_for(0) == settings.towers_for(settings.many_kinds - 1) == settings.towers
    assert settings.towers_for(settings.many_kinds) > settings.towers
    few, many = settings.thousands - 1, settings.thousands
    assert settings.epochs_for(0, few) == settings.epochs_for(settings.many_kinds - 1, few) == settings.epochs
    assert settings.epochs_for(settings.many_kinds, many) > settings.epochs > settings.epochs_for(0, many)


def test_each_part_keeps_other_sentences_back_and_no_intents_only_one() -> None:
    intents = ("buy",) * 40 + ("status",) * 2 + ("rare",)
    first, second = (kept_back(intents, part, seed=7) for part in range(2))
    assert not (first & second).any()
    assert first.sum() == 4 + 1
    assert second.sum() == 4
    assert not first[-1]


def test_few_sentences_are_learned_in_pairs_of_an_intent() -> None:
    intents = np.array([0] * 7 + [1] * 6 + [2] * 10)
    batches = list(pairs(intents, 8, np.random.default_rng(3)))
    assert [len(batch) for batch in batches] == [8, 8, 8]
    assert set(np.concatenate(batches).tolist()) == set(range(23))
    first = intents[np.concatenate(batches)[:22]]
    alike = sum(first[place] == first[place + 1] for place in range(len(first) - 1))
    assert alike >= 11


def test_the_untrained_tower_gives_the_encoders_vectors(source: Source, encoder: Encoder) -> None:
    material = Reader(SENTENCES, source, Settings().frozen).material()
    tower = Tower(source.weights(), source.architecture(), Settings().frozen)
    vectors, above = read(tower, material.states)
    assert (vectors * encoder.encode(TEXTS)).sum(axis=1).min() > 0.97
    assert [len(states) for states in above] == [len(states) for states in material.states]


def test_adapting_draws_an_intent_together_and_learns_tags(folder: Path, encoder: Encoder) -> None:
    adapted = AdaptedEncoder.load(folder)
    shared, own = adapted.encode(TEXTS)
    assert _gap(own) > _gap(shared) + 0.1
    learned = load_file(folder / "learned.safetensors")
    assert learned["first"].shape == (3,)
    assert learned["step"].shape == (3, 3)
    tags = json.loads((folder / "learned.json").read_text(encoding="utf-8"))["tags"]
    reading = adapted.read(TEXTS[3])
    words = [TEXTS[3][start:end] for start, end in reading.words]
    assert words == TEXTS[3].split()
    scores = reading.scores + learned["looks"][looks(words)].sum(axis=1, dtype=np.float32)
    assert [tags[best] for best in scores.argmax(axis=1)][-3:] == ["B-name", "I-name", "O"]


def test_the_published_vector_stays_what_search_compares_with(folder: Path, encoder: Encoder) -> None:
    adapted = AdaptedEncoder.load(folder)
    for text in TEXTS:
        np.testing.assert_allclose(adapted.read(text).shared, encoder.encode([text])[0], atol=1e-6)
        np.testing.assert_allclose(adapted.read(text).adapted, adapted.encode([text])[1][0], atol=1e-5)


def test_reading_ahead_gives_the_same(folder: Path) -> None:
    adapted = AdaptedEncoder.load(folder)
    adapted.begin(TEXTS[0])
    ahead = adapted.read(TEXTS[0])
    np.testing.assert_array_equal(ahead.shared, AdaptedEncoder.load(folder).read(TEXTS[0]).shared)


def test_what_was_kept_back_lies_beside_the_graph(folder: Path) -> None:
    labels = json.loads((folder / "learned.json").read_text(encoding="utf-8"))
    tensors = load_file(folder / "learned.safetensors")
    assert labels["intents"] == ["buy", "status"]
    assert tensors["head"].shape == (384, 2)
    assert tensors["said"].shape == (len(labels["held_out"]), 2)
    assert set(labels["held_out"]) <= set(TEXTS)


def test_the_same_sentences_give_the_same_weights(source: Source) -> None:
    settings = Settings(epochs=1, batch=4)
    first, second = (learned(SENTENCES, source, settings, 0, show=False) for _ in range(2))
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name])


def test_sentences_without_entities_give_no_tags(source: Source, tmp_path: Path) -> None:
    plain = Sentences(TEXTS, SENTENCES.intents, ((),) * 4)
    part = learned(plain, source, Settings(epochs=1, batch=4), 0, show=False)
    adapt_encoder.export(source, plain, [part, part], tmp_path / "adapted")
    assert AdaptedEncoder.load(tmp_path / "adapted").read(TEXTS[0]).scores.shape == (5, 0)


def test_a_part_that_fails_says_why(tmp_path: Path) -> None:
    (tmp_path / "train.json").write_text("{}", encoding="utf-8")
    with pytest.raises(AdaptationError, match="isn't training data"):
        adapt_encoder.learned_side_by_side(tmp_path / "train.json", 2, lambda share: None)


def _gap(found: Floats) -> float:
    """How much nearer texts of one intent are than texts of two."""
    cosines = found @ found.T
    return float((cosines[0, 1] + cosines[2, 3]) / 2 - cosines[:2, 2:].mean())
