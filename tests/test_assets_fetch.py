"""Fetching with the real pip, from an index made of small made-up packages: no network is needed."""

from __future__ import annotations

import http.server
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from assets_toys import CONTENT, asset_of, files_below, make_sdist, make_wheel, pip_settings, write_manifest
from synscenes.assets import download, entries, store
from synscenes.errors import CourseError

CLOSED_PORT = "http://127.0.0.1:9/simple"  # the discard port: nothing answers
CHILD = """
import pathlib, sys
from synscenes.assets import archives, entries, store
entries.MANIFEST_FILE = pathlib.Path(sys.argv[1])
{extra}
print(store.path(sys.argv[2]))
"""


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder with one wheel and one source distribution, pip pointed at it, and the manifest that pins both."""
    folder = tmp_path / "index"
    folder.mkdir()
    assets = [asset_of(make_wheel(folder)), asset_of(make_sdist(folder))]
    monkeypatch.setattr(entries, "MANIFEST_FILE", write_manifest(tmp_path / "manifest.toml", *assets))
    for name in ("SYNSCENES_OFFLINE", "PYTHONPATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SYNSCENES_HOME", str(tmp_path / "home"))
    for key, value in pip_settings(folder).items():
        monkeypatch.setenv(key, value)
    return folder


def pin_again(tmp_path: Path, monkeypatch, *assets) -> None:
    monkeypatch.setattr(entries, "MANIFEST_FILE", write_manifest(tmp_path / "manifest2.toml", *assets))


def no_download(*arguments):
    raise AssertionError("something was fetched")


@pytest.mark.parametrize("name", ["toy_wheel", "toy_sdist"])
def test_path_fetches_once_and_holds_the_pinned_files(name, index, monkeypatch):
    folder = store.path(name)
    assert files_below(folder) == {".complete", *(f"data/{file}" for file in CONTENT)}
    assert {file: (folder / "data" / file).read_bytes() for file in CONTENT} == CONTENT
    assert store.verify([name]) == []
    monkeypatch.setattr(download, "download", no_download)
    assert store.path(name) == folder
    assert store.fetch([name]) == {name: folder}
    assert [entry.name for entry in folder.parent.iterdir() if entry.suffix == ".part"] == []


def hostile_sdist(folder: Path, marker: Path, content: dict[str, bytes]) -> Path:
    """A source distribution each of whose ways to run code would write ``marker``."""
    code = f"open({str(marker)!r}, 'a').write('run')\n".encode()
    files = (
        "setup.py",
        "setuptools.py",
        "toy_sdist/__init__.py",
        "backend.py",
        "sitecustomize.py",
        "conftest.py",
    )
    return make_sdist(folder, content=CONTENT | dict.fromkeys(files, code) | content)


def test_setup_py_of_a_source_distribution_is_never_run(index, tmp_path, monkeypatch):
    marker = tmp_path / "marker"
    pin_again(tmp_path, monkeypatch, asset_of(hostile_sdist(index, marker, {})))
    assert (store.path("toy_sdist") / "data" / "names.txt").is_file()
    assert not marker.exists()


def test_the_test_above_can_fail(index, tmp_path):
    """Plain pip does run it: the marker is there afterwards."""
    marker = tmp_path / "marker"
    archive = hostile_sdist(index, marker, {})
    command = [
        *download._pip(),
        "download",
        "--no-deps",
        "--no-build-isolation",
        str(archive),
        "-d",
        str(tmp_path),
    ]
    subprocess.run(command, capture_output=True)
    assert marker.exists()


@pytest.mark.parametrize(
    "backend",
    [
        'build-backend = "backend"\nbackend-path = ["."]',
        'build-backend = "setuptools.build_meta"\nbackend-path = ["."]',
        'build-backend = "backend"',
    ],
)
def test_an_own_build_backend_is_stopped_before_it_is_imported(backend, index, tmp_path, monkeypatch):
    marker = tmp_path / "marker"
    pyproject = f"[build-system]\nrequires = []\n{backend}\n".encode()
    archive = hostile_sdist(index, marker, {"pyproject.toml": pyproject})
    pin_again(tmp_path, monkeypatch, asset_of(archive))
    with pytest.raises(CourseError) as caught:
        store.path("toy_sdist")
    assert not marker.exists()
    assert "toy_sdist" in str(caught.value) and "\n" not in str(caught.value)
    assert "wants to run code of its own" in str(caught.value)


@pytest.mark.parametrize("name", ["toy_wheel", "toy_sdist"])
def test_wrong_archive_hash_says_expected_and_got(name, index, tmp_path, monkeypatch):
    pinned = entries.find(name)
    make = make_wheel if name == "toy_wheel" else make_sdist
    other = asset_of(make(index, content=CONTENT | {"more.txt": b"changed"}))
    with pytest.raises(CourseError) as caught:
        store.path(name)
    message = str(caught.value)
    assert f"expected {pinned.archive.sha256}" in message
    assert f"got {other.archive.sha256}" in message
    assert pinned.archive.file in message and "\n" not in message
    assert files_below(tmp_path / "home") == set()


def test_our_own_hash_check_does_not_trust_pip(index, tmp_path, monkeypatch):
    changed = tmp_path / "toy_wheel-1.0-py3-none-any.whl"
    changed.write_bytes((index / changed.name).read_bytes() + b"x")
    monkeypatch.setattr(download, "download", lambda asset, folder, on_bytes: changed)
    with pytest.raises(CourseError, match=r"sha256 is wrong, expected .* got "):
        store.path("toy_wheel")
    assert files_below(tmp_path / "home") == set()


@pytest.mark.parametrize("name", ["toy_wheel", "toy_sdist"])
def test_no_network_says_what_is_missing_and_the_command(name, index, tmp_path, monkeypatch):
    for key, value in pip_settings(CLOSED_PORT).items():
        monkeypatch.setenv(key, value)
    with pytest.raises(CourseError) as caught:
        store.path(name)
    message = str(caught.value)
    assert f"{name!r} (0.0 MB" in message and "\n" not in message
    assert f"python -m synscenes assets fetch {name}" in message
    assert "cannot be reached" in message
    assert files_below(tmp_path / "home") == set()


def test_a_package_the_index_lacks_is_named(index):
    (index / "toy_wheel-1.0-py3-none-any.whl").unlink()
    with pytest.raises(CourseError, match=r"pip finds no toy_wheel==1\.0 as a wheel"):
        store.path("toy_wheel")


def test_python_without_pip_uses_the_one_carried_for_venv(index, monkeypatch):
    find_spec = download.importlib.util.find_spec
    monkeypatch.setattr(
        download.importlib.util, "find_spec", lambda name: None if name == "pip" else find_spec(name)
    )
    try:
        command = download._pip()
    except CourseError:
        pytest.skip("this Python carries no pip for venv")
    assert command[1].endswith("/pip") and ".whl" in command[1]
    assert (store.path("toy_sdist") / "data" / "names.txt").is_file()


class CountingIndex(http.server.ThreadingHTTPServer):
    """A package index on this machine that counts the archives it gives out, slowly."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.given = folder, []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/simple"


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.strip("/").split("/")[-1]
        kind = "text/html"
        if self.path.startswith("/simple/"):
            files = [
                p.name for p in self.server.folder.iterdir() if p.name.startswith(name.replace("-", "_"))
            ]
            body = "".join(f'<a href="/files/{file}">{file}</a>' for file in files).encode()
        else:
            self.server.given.append(name)
            time.sleep(1.0)
            body = (self.server.folder / name).read_bytes()
            kind = "application/octet-stream"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def counting_index(index):
    server = CountingIndex(index)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def child(name: str, extra: str = "", **environment: str) -> subprocess.Popen:
    """Start a process that asks for an asset; ``extra`` is code it runs before."""
    command = [sys.executable, "-c", CHILD.format(extra=extra), str(entries.MANIFEST_FILE), name]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=os.environ | environment, stdout=pipe, stderr=pipe, text=True)


@pytest.mark.parametrize("name", ["toy_wheel", "toy_sdist"])
def test_three_processes_at_once_make_one_download(name, counting_index):
    settings = pip_settings(counting_index.address)
    processes = [child(name, **settings) for _ in range(3)]
    results = [(*process.communicate(timeout=120), process.returncode) for process in processes]
    assert [code for _, _, code in results] == [0, 0, 0], results
    assert len({out.strip().splitlines()[-1] for out, _, _ in results}) == 1
    assert len(counting_index.given) == 1
    assert store.verify([name]) == []


@pytest.mark.parametrize("name", ["toy_wheel", "toy_sdist"])
def test_a_crash_halfway_leaves_nothing_and_the_next_fetch_succeeds(name, index, tmp_path):
    extra = """
import os
def crash(contents, folder):
    (folder / "data").mkdir()
    (folder / "data" / "names.txt").write_bytes(b"half")
    os._exit(9)
archives.write_members = crash
"""
    process = child(name, extra)
    process.communicate(timeout=120)
    assert process.returncode == 9
    assets = tmp_path / "home" / "assets"
    leftovers = [path.name for path in assets.iterdir() if path.is_dir()]
    assert len(leftovers) == 1 and leftovers[0].endswith(".part")
    assert not store.status()[0].present
    folder = store.path(name)
    assert [path for path in assets.iterdir() if path.is_dir()] == [folder]
    assert store.verify([name]) == []
