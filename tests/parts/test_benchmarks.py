"""The benchmark of the service runs whole; what it measures is for people to judge."""

import pytest

from benchmarks.load import percentile
from benchmarks.measurements import Row
from benchmarks.service import main, table_of


def test_a_tiny_run_prints_one_table(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEEROY_TEST_POSTGRES", raising=False)
    main(["--quick", "--pulls", "3"], standalone_mode=False)
    said = capsys.readouterr().out
    for row in (
        "webhook to trigger at 10/s",
        "writes at a second look",
        "pull requests a second when 3 wait",
        "memory after these 3",
        "sweep of 3 open",
    ):
        assert row in said
    assert "…" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        pytest.param([3, 1, 2], 50, 2, id="the middle"),
        pytest.param([3, 1, 2], 99, 3, id="the worst of a few"),
        pytest.param(list(range(1, 201)), 99, 198, id="two of two hundred are above"),
        pytest.param([5], 1, 5, id="only one"),
    ],
)
def test_a_percentile_is_a_value_that_was_measured(values, percent, expected):
    assert percentile(values, percent) == expected


def test_a_row_without_a_promise_neither_holds_nor_fails():
    table = table_of(
        {"SQLite": [Row(what="a", measured="1"), Row(what="b", measured="2", holds=False)]}
    )
    assert list(table.columns[2].cells) == ["", "NO"]


def test_databases_stand_side_by_side():
    row = Row(what="a", measured="1", holds=True)
    table = table_of({"SQLite": [row, Row(what="b", measured="2")], "PostgreSQL": [row]})
    assert [column.header for column in table.columns] == [
        "", "SQLite", "held", "PostgreSQL", "held", "target"
    ]  # fmt: skip
    assert list(table.columns[3].cells) == ["1", ""]
