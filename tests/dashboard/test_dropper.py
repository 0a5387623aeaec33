"""What a browser may send, without a browser."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable
from typing import Any

import pytest
from bokeh.core.serialization import DeserializationError, Deserializer

from workbench.core.errors import TrialError, WorkbenchError
from workbench.dashboard import dropper
from workbench.dashboard.bounded_messages import LARGEST_MESSAGE, bound_messages
from workbench.dashboard.dropper import Dropper, Reception


def at_once(task: Callable[[], None], _: float) -> None:
    task()


class Received:
    def __init__(self) -> None:
        self.files: list[dict[str, bytes]] = []
        self.errors: list[WorkbenchError] = []
        self.dropper = Dropper(self.files.append, self.errors.append, at_once)

    def begin(self, *files: tuple[str, int], batch: int = 1) -> None:
        self.dropper.take({"kind": "begin", "batch": batch, "files": [{"name": n, "size": s} for n, s in files]})

    def piece(self, file: int, data: bytes, *, last: bool = True, batch: int = 1) -> None:
        self.dropper.take({"kind": "piece", "batch": batch, "file": file, "data": data, "last": last})


def test_files_are_handed_over_when_the_last_of_them_is_there() -> None:
    received = Received()
    received.begin(("walk.c3d", 4), ("static.trc", 1))
    received.piece(0, b"ab", last=False)
    received.piece(0, b"cd")
    assert received.files == []
    received.piece(1, b"e")
    assert received.files == [{"walk.c3d": b"abcd", "static.trc": b"e"}]
    assert received.dropper.taken == 4  # the browser waits for each


def test_another_drop_takes_the_place_of_one_on_its_way() -> None:
    received = Received()
    received.begin(("walk.c3d", 4))
    received.begin(("other.c3d", 1), batch=2)
    received.piece(0, b"abcd", batch=1)
    received.piece(0, b"e", batch=2)
    assert received.files == [{"other.c3d": b"e"}]


def test_limits_hold_whatever_the_browser_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dropper, "LARGEST_MB", 1.0)
    with pytest.raises(TrialError, match="add up to more than 1 MB"):
        Reception([{"name": "walk.c3d", "size": 1_000_001}])
    received = Received()
    received.begin(("walk.c3d", 10))
    received.piece(0, bytes(600_000), last=False)
    received.piece(0, bytes(600_000))
    assert received.files == []
    assert "add up to more than 1 MB" in str(received.errors[0])
    assert received.dropper.refused == 1
    many = [{"name": f"{i}.mot", "size": 0} for i in range(201)]
    with pytest.raises(TrialError, match="201 files"):
        Reception(many)


@pytest.mark.parametrize(
    "message",
    [None, {}, {"kind": "begin", "batch": "x"}, {"kind": "begin", "batch": 1, "files": [{"name": 1}]},
     {"kind": "begin", "batch": 1, "files": 5}],
)  # fmt: skip
def test_what_is_no_message_is_refused_in_words(message: Any) -> None:
    received = Received()
    received.dropper.take(message)
    assert [str(error) for error in received.errors] == ["the browser sent something that is not a file. Try again."]


def test_a_piece_of_no_file_is_refused() -> None:
    received = Received()
    received.begin(("walk.c3d", 4))
    received.piece(7, b"")
    assert len(received.errors) == 1


def test_a_message_unfolds_to_so_much_and_no_more() -> None:
    bound_messages()
    bound_messages()  # once is enough
    small = {"type": "bytes", "data": base64.b64encode(gzip.compress(b"walk")).decode()}
    assert Deserializer().deserialize(small) == b"walk"
    half = {"type": "bytes", "data": base64.b64encode(gzip.compress(bytes(LARGEST_MESSAGE // 2 + 1))).decode()}
    assert len(Deserializer().deserialize(half)) == LARGEST_MESSAGE // 2 + 1
    with pytest.raises(DeserializationError, match="unpacks to more than"):
        Deserializer().deserialize([half, half])  # together
    with pytest.raises(DeserializationError, match="is incomplete"):
        Deserializer().deserialize({"type": "bytes", "data": small["data"][:20]})
