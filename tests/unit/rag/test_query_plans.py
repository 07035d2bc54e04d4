"""What is asked a few hundred passages at a time begins with those, however many others there are."""

from pathlib import Path

from tests.unit.rag.shelf import Shelf


def test_vectors_of_some_passages_are_found_by_the_passages(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.index(shelf.write([f"text number {n}" for n in range(5)]))
    model = shelf.passages.model
    assert model is not None
    asked: list[str] = []
    database = shelf.writer._db
    database.set_trace_callback(asked.append)
    assert len(shelf.writer.vectors_of(model, [1, 2, 3])) == 3
    database.set_trace_callback(None)
    (statement,) = asked
    first_step = database.execute(f"EXPLAIN QUERY PLAN {statement}").fetchone()[3]
    assert first_step.startswith("SEARCH p USING INTEGER PRIMARY KEY")
