"""The encoder as both environments use it."""

from __future__ import annotations

import json
import subprocess
import threading
from pathlib import Path

import numpy as np
import pytest

from parley_encoder import ArtifactCorrupt, ArtifactMissing, Encoder

ROOT = Path(__file__).parents[3]
TEXTS = [
    "hi",
    "I need a light laptop for video editing, up to 1500",
    "noise cancelling headphones",
    "Ist der Zug laut? 😀",
    "",
    "a much longer text about a camera that somebody took to the mountains and back " * 4,
]


def test_vectors_have_unit_length_and_the_stated_shape(encoder: Encoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_text_gets_the_same_vector_whatever_it_is_batched_with(encoder: Encoder) -> None:
    together = encoder.encode(TEXTS, batch_size=4)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert (together * alone).sum(axis=1).min() > 0.9999


def test_similar_texts_are_nearer_than_others(encoder: Encoder) -> None:
    laptop, notebook, kettle = encoder.encode(
        ["a light laptop", "a lightweight notebook computer", "a water kettle"]
    )
    assert laptop @ notebook > laptop @ kettle + 0.2


def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_a_changed_result_does_not_reach_the_next_caller(encoder: Encoder) -> None:
    first = encoder.encode(["remembered"])
    expected = first.copy()
    first[:] = 0
    np.testing.assert_array_equal(encoder.encode(["remembered"]), expected)


def test_broken_unicode_and_null_bytes_are_encoded(encoder: Encoder) -> None:
    assert np.isfinite(encoder.encode(["\ud800 laptop", "null\x00byte"])).all()


@pytest.mark.parametrize("wrong", ["one text", [None], ["text", 3]])
def test_what_is_no_sequence_of_texts_is_refused(encoder: Encoder, wrong: object) -> None:
    with pytest.raises(TypeError, match="texts"):
        encoder.encode(wrong)  # type: ignore[arg-type]  # the wrong type is the point


def test_several_threads_get_the_vectors_that_one_gets(encoder: Encoder) -> None:
    expected = encoder.encode(TEXTS)
    results: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: results.append(encoder.encode(TEXTS))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    for result in results:
        np.testing.assert_array_equal(result, expected)


def test_progress_counts_every_text_once(encoder: Encoder) -> None:
    done: list[int] = []
    encoder.encode(TEXTS, batch_size=4, progress=done.append)
    assert sum(done) == len(TEXTS)


def test_both_environments_compute_the_same_vectors(encoder: Encoder, encoder_folder: Path) -> None:
    script = (
        "import json, sys; from parley_encoder import Encoder; "
        "print(json.dumps(Encoder.load(sys.argv[1]).encode(json.loads(sys.argv[2])).tolist()))"
    )
    python = ROOT / "bot" / ".venv" / "bin" / "python"
    found = subprocess.run(
        [python, "-c", script, str(encoder_folder), json.dumps(TEXTS)],
        capture_output=True,
        text=True,
        check=True,
    )
    np.testing.assert_allclose(np.array(json.loads(found.stdout)), encoder.encode(TEXTS), atol=1e-5)


def test_a_missing_encoder_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(ArtifactMissing, match="make train"):
        Encoder.load(tmp_path)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_damaged_file_is_named(encoder_folder: Path, tmp_path: Path, name: str) -> None:
    _copy(encoder_folder, tmp_path)
    content = bytearray((tmp_path / name).read_bytes())
    content[1000] ^= 1
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ArtifactCorrupt, match=f"{name} has SHA-256"):
        Encoder.load(tmp_path)


def test_a_missing_file_is_named(encoder_folder: Path, tmp_path: Path) -> None:
    _copy(encoder_folder, tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(ArtifactMissing, match=r"tokenizer\.json is missing"):
        Encoder.load(tmp_path)


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"format": 1}', '{"format": 9}'])
def test_an_unreadable_manifest_is_refused(encoder_folder: Path, tmp_path: Path, manifest: str) -> None:
    _copy(encoder_folder, tmp_path)
    (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(ArtifactCorrupt, match="manifest"):
        Encoder.load(tmp_path)


def _copy(source: Path, target: Path) -> None:
    for path in source.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
