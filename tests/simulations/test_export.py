"""Exports hold exactly the numbers of the records, in any cut of the replicates."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import pytest

from scoring_theory.reward import Reward
from simulations import Experiment, LearningRule, Record, Tabular, bank, run
from simulations.metrics import METRICS
from simulations.sweep import sweep, tables, to_parquet, to_xarray
from tests.support.changes import changed


def small(**changes: Any) -> Experiment:
    tabular = Experiment(
        reward=Reward.parse("c - (q - c)^2", name="brier"),
        agent=Tabular(),
        world=bank(16, 3),
        elsewhere=bank(16, 3, shift=1),
        training=LearningRule(batch=8),
        steps=20,
        replicates=5,
        checkpoints=3,
    )
    return changed(tabular, **changes)


LONGER = small(seed=1, replicates=7, checkpoints=4, name="longer")


def test_parquet_holds_every_number_in_its_place(tmp_path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    records = sweep([small(), LONGER])
    path = to_parquet(records, tmp_path / "deep" / "sweep.parquet")
    assert [file.name for file in path.parent.iterdir()] == ["sweep.parquet"]
    table = parquet.read_table(path)
    assert table.num_rows == 2 * (5 * 3 + 7 * 4)
    assert table.column_names == [
        "experiment",
        "name",
        "agent",
        "where",
        "replicate",
        "step",
        *sorted(METRICS),
    ]
    columns = {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}
    for i, record in enumerate(records):
        for where, metric in (
            ("in", "ece"),
            ("out", "auroc"),
            ("in", "auroc"),
            ("out", "accuracy"),
        ):
            mine = (columns["experiment"] == i) & (columns["where"] == where)
            order = np.lexsort((columns["step"][mine], columns["replicate"][mine]))
            assert np.array_equal(
                columns[metric][mine][order], record.metric(metric, where).ravel(), equal_nan=True
            )
            assert (
                columns["step"][mine][order][: record.steps.size].tolist() == record.steps.tolist()
            )
    assert set(columns["name"]) == {"brier", "longer"}
    described = json.loads(table.schema.metadata[b"scoring_theory"])
    assert described == [dict(record.description) for record in records]


def test_a_store_streams_the_same_table(tmp_path, monkeypatch) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(tables, "ROWS", 20)  # row groups of a few rows, as of a large sweep
    stored = sweep([small(), LONGER], store=tmp_path / "store", chunk=2)
    held = sweep([small(), LONGER])
    streamed, whole = [
        parquet.read_table(to_parquet(records, tmp_path / name)).sort_by(
            [(key, "ascending") for key in ("experiment", "where", "replicate", "step")]
        )
        for records, name in ((stored, "a"), (held, "b"))
    ]
    assert streamed.drop_columns(["auroc"]).equals(whole.drop_columns(["auroc"]))
    assert streamed.schema.metadata == whole.schema.metadata
    assert parquet.ParquetFile(tmp_path / "a").num_row_groups > 3


def test_a_failed_export_leaves_nothing(tmp_path) -> None:
    pytest.importorskip("pyarrow")
    (tmp_path / "old").write_text("kept")
    record = run(small())
    less = Record(
        record.description,
        record.steps,
        {"ece": record.inside["ece"]},
        {"ece": record.outside["ece"]},
        {},
    )
    with pytest.raises(ValueError, match=r"the same metrics, got \['ece'\] after \['accuracy', "):
        to_parquet([record, less], tmp_path / "old")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("old", "kept")]


def test_xarray_labels_every_number(tmp_path) -> None:
    pytest.importorskip("xarray")
    todo = (small(), small(seed=1, name="again"))
    records = sweep(todo, store=tmp_path / "store")
    data = to_xarray(records)
    assert set(data.data_vars) == set(METRICS)
    assert data.ece.dims == ("experiment", "where", "replicate", "step")
    assert data.step.values.tolist() == [0, 10, 20]
    assert (data.name.values.tolist(), set(data.agent.values)) == (["brier", "again"], {"tabular"})
    for i, one in enumerate(todo):
        assert np.array_equal(
            data.ece.isel(experiment=i).sel(where="out").values, run(one).outside["ece"]
        )
    assert json.loads(data.attrs["descriptions"])[1]["name"] == "again"


def test_arrays_of_different_shape_are_not_filled_up() -> None:
    pytest.importorskip("xarray")
    with pytest.raises(
        ValueError, match="number 1 differs from number 0; export them one by one, or to Parquet"
    ):
        to_xarray(sweep([small(), LONGER]))


@pytest.mark.parametrize("write", [lambda: to_parquet([], "never"), lambda: to_xarray([])])
def test_nothing_is_no_table(write) -> None:
    pytest.importorskip("pyarrow")
    pytest.importorskip("xarray")
    with pytest.raises(ValueError, match="at least one record to export, got none"):
        write()


@pytest.mark.parametrize(
    ("module", "extra", "write"),
    [
        ("pyarrow", "parquet", lambda: to_parquet([], "never")),
        ("xarray", "sweeps", lambda: to_xarray([])),
    ],
)
def test_a_missing_library_is_named_with_its_extra(monkeypatch, module, extra, write) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    sentence = rf"this needs {module}; install it with `pip install scoring-theory\[{extra}\]`"
    with pytest.raises(ModuleNotFoundError, match=sentence):
        write()
