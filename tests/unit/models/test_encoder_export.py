"""The exported graph: right on every CPU, close to PyTorch's vectors, the same bytes every time."""

from __future__ import annotations

import hashlib
import shutil
import warnings
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from typer.testing import CliRunner

from crm.views import Product
from models.encoder_export.weights import SourceUnusable, installed_source, verified
from models.export_encoder import export, main
from parley_encoder import Encoder


def test_no_product_of_two_activations_and_weights_can_saturate_sixteen_bits(encoder_folder: Path) -> None:
    model = onnx.load(str(encoder_folder / "model.onnx"))
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    products = [node for node in model.graph.node if "MatMul" in node.op_type]
    assert len(products) == 24
    for node in products:
        weights = tensors[node.input[1]].astype(int)
        assert weights.min() >= -64
        assert weights.max() < 64
        # The widest sum that two neighbouring weights of a column can reach with unsigned 8-bit activations.
        pairs = np.abs(weights[0::2]) + np.abs(weights[1::2])
        assert 255 * pairs.max() <= np.iinfo(np.int16).max


def test_no_activation_is_quantised_with_a_scale_that_other_texts_share(encoder_folder: Path) -> None:
    kinds = {node.op_type for node in onnx.load(str(encoder_folder / "model.onnx")).graph.node}
    assert not kinds & {"DynamicQuantizeLinear", "DynamicQuantizeMatMul", "MatMul", "Gemm"}


def test_vectors_agree_with_those_of_sentence_transformers(encoder: Encoder, products: list[Product]) -> None:
    texts = [text for product in products[::4] for text in (product.name, product.description)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries that only this comparison imports
        from sentence_transformers import SentenceTransformer

        reference = SentenceTransformer(str(installed_source().folder), device="cpu")
        expected = reference.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    cosines = (encoder.encode(texts) * expected).sum(axis=1)
    assert cosines.mean() >= 0.99
    assert cosines.min() >= 0.98


def test_the_same_weights_give_the_same_bytes(encoder_folder: Path, tmp_path: Path) -> None:
    export(installed_source(), tmp_path / "again")
    for name in ("model.onnx", "tokenizer.json", "manifest.json"):
        first, second = ((folder / name).read_bytes() for folder in (encoder_folder, tmp_path / "again"))
        assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()


def test_weights_other_than_the_published_ones_are_refused(tmp_path: Path) -> None:
    source = tmp_path / "model"
    shutil.copytree(installed_source().folder, source)
    with (source / "model.safetensors").open("r+b") as stream:
        stream.seek(1_000_000)
        stream.write(b"\xff")
    with pytest.raises(SourceUnusable, match=r"model\.safetensors .* has SHA-256"):
        verified(source, version="0")


def test_an_export_that_fails_leaves_the_old_encoder_and_no_rubbish(tmp_path: Path) -> None:
    target = tmp_path / "encoder"
    export(installed_source(), target)
    before = sorted(path.name for path in target.iterdir())
    broken = tmp_path / "broken"
    shutil.copytree(installed_source().folder, broken)
    source = verified(broken, version="0")
    (broken / "tokenizer.json").unlink()
    with pytest.raises(FileNotFoundError):
        export(source, target)
    assert sorted(path.name for path in target.iterdir()) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken", "encoder"]
    assert Encoder.load(target).dimension == 384


def test_the_command_builds_once_and_then_finds_the_encoder_up_to_date(tmp_path: Path) -> None:
    import typer

    app = typer.Typer()
    app.command()(main)
    first = CliRunner().invoke(app, ["--to", str(tmp_path / "encoder")])
    second = CliRunner().invoke(app, ["--to", str(tmp_path / "encoder")])
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "written to" in " ".join(first.output.split())
    assert "up to date" in " ".join(second.output.split())
