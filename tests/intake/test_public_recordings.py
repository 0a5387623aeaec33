from __future__ import annotations

import errno
import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

import pytest

from workbench.core.errors import SettingError, TrialError
from workbench.intake.public_recordings import PublicRecording, fetch, recording, recordings


class _Quiet(SimpleHTTPRequestHandler):
    asked: list[str]

    def log_message(self, *_: object) -> None:
        self.asked.append(self.path)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path, list[str]]]:
    """A server on the loopback address, the folder it serves, and what it was asked for."""
    root = tmp_path / "served"
    root.mkdir()
    _Quiet.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(root))) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}", root, _Quiet.asked
        http.shutdown()


def served(root: Path, **files: bytes) -> PublicRecording:
    """Put files where the server looks for them."""
    for name, content in files.items():
        path = root / "lab/walks/0123/data" / f"{name}.trc"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return PublicRecording(
        "walk", "A walk", "lab/walks", "0123", "CC0", "Nobody 2020", 70.0, 1.7, "one.trc", "",
        {f"{name}.trc": (f"data/{name}.trc", hashlib.sha256(content).hexdigest()) for name, content in files.items()},
    )  # fmt: skip


class TestFetch:
    def test_files_come_into_the_folder(self, server: tuple[str, Path, list[str]], tmp_path: Path) -> None:
        address, root, _ = server
        told: list[int] = []
        walk = served(root, one=b"1", two=b"2")
        folder = fetch(walk, tmp_path / "walk", server=address, tell=lambda done, *_: told.append(done))
        assert (folder / "two.trc").read_bytes() == b"2"
        assert told == [0, 1, 2]

    def test_what_is_there_is_not_loaded_again(self, server: tuple[str, Path, list[str]], tmp_path: Path) -> None:
        address, root, asked = server
        walk = served(root, one=b"1", two=b"2")
        (root / "lab/walks/0123/data/two.trc").rename(root / "away")
        with pytest.raises(TrialError, match=r"two.trc: the server answered with 404"):
            fetch(walk, tmp_path / "walk", server=address)
        (root / "away").rename(root / "lab/walks/0123/data/two.trc")
        fetch(walk, tmp_path / "walk", server=address)
        assert sum("one.trc" in path for path in asked) == 1

    def test_another_file_than_the_pinned_one_is_refused(
        self, server: tuple[str, Path, list[str]], tmp_path: Path
    ) -> None:
        address, root, _ = server
        walk = served(root, one=b"1")
        (root / "lab/walks/0123/data/one.trc").write_bytes(b"changed")
        with pytest.raises(TrialError, match="not the expected one"):
            fetch(walk, tmp_path / "walk", server=address)
        assert not (tmp_path / "walk/one.trc").exists()

    def test_without_a_network_it_says_so(self, server: tuple[str, Path, list[str]], tmp_path: Path) -> None:
        _, root, _ = server
        with pytest.raises(TrialError, match=r"no connection to 127.0.0.1:9 .* 0 of 1 files are complete"):
            fetch(served(root, one=b"1"), tmp_path / "walk", server="http://127.0.0.1:9")

    def test_a_connection_that_breaks_within_a_file_is_no_changed_file(
        self, server: tuple[str, Path, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        address, root, _ = server
        walk = served(root, one=b"1", two=b"2" * 5000)
        whole = _Quiet.copyfile

        def cut(self: _Quiet, source: BinaryIO, output: BinaryIO) -> None:
            output.write(source.read(1000))  # and no more, though the header promised it

        monkeypatch.setattr(_Quiet, "copyfile", cut)
        with pytest.raises(TrialError, match=r"two.trc: .*1 of 2 files are complete"):
            fetch(walk, tmp_path / "walk", server=address)
        monkeypatch.setattr(_Quiet, "copyfile", whole)
        assert (fetch(walk, tmp_path / "walk", server=address) / "two.trc").stat().st_size == 5000
        assert {path.name for path in (tmp_path / "walk").iterdir()} == {"one.trc", "two.trc"}  # no half file stays

    def test_a_folder_that_is_none_is_told(self, server: tuple[str, Path, list[str]], tmp_path: Path) -> None:
        address, root, _ = server
        (tmp_path / "walk").write_text("a file")
        with pytest.raises(TrialError, match="cannot be written"):
            fetch(served(root, one=b"1"), tmp_path / "walk", server=address)

    def test_a_folder_without_permission_is_told(
        self, server: tuple[str, Path, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def forbidden(*_: object, **__: object) -> None:
            raise PermissionError(errno.EACCES, "Permission denied")

        address, root, _ = server
        walk = served(root, one=b"1")
        monkeypatch.setattr("os.makedirs", forbidden)  # whoever runs the tests may have all permissions
        with pytest.raises(TrialError, match=r"cannot be written \((Permission denied|no permission)\).*-o FOLDER"):
            fetch(walk, tmp_path / "walk", server=address)

    def test_a_full_disk_is_told(
        self, server: tuple[str, Path, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        address, root, _ = server

        def full(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("requests.Response.iter_content", full)
        with pytest.raises(TrialError, match=r"cannot be written \(No space left on device\)"):
            fetch(served(root, one=b"1"), tmp_path / "walk", server=address)


class TestTable:
    def test_every_recording_says_licence_and_citation_first(self) -> None:
        for one in recordings().values():
            assert one.licence in one.notice
            assert one.cite in one.notice
            assert all(len(digest) == 64 for _, digest in one.files.values())

    def test_an_unknown_name_is_refused_with_the_nearest(self) -> None:
        with pytest.raises(SettingError, match="Did you mean 'implant_ps'"):
            recording("implant_pz")

    @pytest.mark.data
    def test_hashes_are_those_of_the_recordings_here(self, data_folder: Path) -> None:
        for one in recordings().values():
            for name, (_, digest) in one.files.items():
                assert hashlib.sha256((data_folder / one.name / name).read_bytes()).hexdigest() == digest
