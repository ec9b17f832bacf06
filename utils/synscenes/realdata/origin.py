"""Where a run takes COCO's official files from: a host on the web, or a folder that holds them already."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from synscenes.errors import CourseError
from synscenes.linkrot.policy import Trouble
from synscenes.realdata import sources
from synscenes.realdata.fetching import fetch
from synscenes.realdata.meter import Meter
from synscenes.realdata.ranges import NoRanges, RemoteFile
from synscenes.realdata.space import check_space
from synscenes.realdata.transport import Client
from synscenes.realdata.trees import Unpacked
from synscenes.realdata.zips import Zip

_AGAIN = "run the same command again: it goes on where it stopped"
_TODO = {
    "gone": "is the host's address right (--host)? The official one may have moved the file",
    "forbidden": "the host does not give it to this network; try another one with --host",
    "wrong length": "the host has another file than the official one (--unofficial takes it all the same)",
    "wrong content": "the host has another file than the official one (--unofficial takes it all the same)",
    "changed": _AGAIN,
}


class Origin:
    """Opens official archives and fetches official files; ``work`` is where what is on its way is kept.

    ``folder`` holds official archives that are here already. ``official`` demands the official lengths and hashes.
    """

    def __init__(
        self,
        client: Client,
        work: Path,
        host: str | None = None,
        folder: Path | None = None,
        official: bool = True,
        shown: bool = True,
    ) -> None:
        self.client, self.work, self.folder = client, work, folder
        self.official, self.shown = official, shown
        self._hosts = sources.hosts(host)
        self._host = ""
        if folder is not None and not folder.is_dir():
            raise CourseError(f"No folder {folder}: --from names the folder that holds {sources.ANNOTATIONS.name}.")
        if folder is None and os.environ.get("SYNSCENES_OFFLINE", "0") not in ("", "0"):
            raise CourseError("SYNSCENES_OFFLINE forbids fetching: unset it, or name a folder with --from.")

    @property
    def host(self) -> str:
        """The first host that answers. Raises CourseError where none does."""
        if self._host:
            return self._host
        urls = {host: f"{host}/{sources.ANNOTATIONS.place}" for host in self._hosts}
        again = False
        # Each is asked once; then, if one was busy rather than out of reach, each with patience.
        for knock in (self._knock, lambda url: self.client.persist(partial(self._knock, url))):
            for host, url in urls.items():
                try:
                    knock(url)
                    self._host = host
                    return host
                except Trouble as trouble:
                    error = explained(url, trouble)
                    again = again or (trouble.again and trouble.kind != "unreachable")
            if not again:
                break
        raise error

    def _knock(self, url: str) -> None:
        with self.client.ask(url, {"Range": "bytes=0-0"}):
            pass

    def open(self, archive: sources.Archive, whole: bool | None = None, kept: bool = True) -> Zip | Unpacked:
        """Open an archive: from the folder (packed or not), piece by piece from the host, or fetched whole and
        checked.

        ``whole`` True takes it whole, False only in pieces, None in pieces where the host can send them; ``kept`` says
        that pieces are kept on disk, for a later call. Raises CourseError, FileNotFoundError where the folder or the
        host has no such archive, and NoRanges.
        """
        if self.folder is not None:
            return self._local(archive)
        url = f"{self.host}/{archive.place}"
        try:
            if not whole:
                try:
                    return self._remote(archive, url, kept)
                except NoRanges:
                    if whole is False:
                        raise
            return self._opened(self._whole(archive, url), archive.name)
        except Trouble as trouble:
            if trouble.kind == "gone":
                raise FileNotFoundError(url) from None
            raise explained(url, trouble) from None

    def image(self, split: str, file_name: str, path: Path, check: Callable[[Path], None]) -> None:
        """Fetch one photograph from the host. Raises Trouble."""
        fetch(self.client, f"{self.host}/{sources.image_place(file_name, split)}", path, check=check)

    def begun(self, archive: sources.Archive) -> int:
        """How many bytes of an archive are in ``work`` by now."""
        path = self.work / archive.name
        there = (path, path.with_name(f"{path.name}.part"))
        return max((each.stat().st_size for each in there if each.is_file()), default=0)

    def drop(self, archive: sources.Archive) -> None:
        """Remove what is kept of an archive in ``work``."""
        for name in (archive.name, f"unofficial-{archive.name}"):
            (self.work / name).unlink(missing_ok=True)
        shutil.rmtree(self.work / f"{archive.name}.blocks", ignore_errors=True)

    def _local(self, archive: sources.Archive) -> Zip | Unpacked:
        places = (self.folder / archive.name, self.folder / archive.place)
        path = next((path for path in places if path.is_file()), None)
        if path is None and (self.folder / "annotations" / "instances_val2017.json").is_file():
            return Unpacked(self.folder)
        if path is None:
            raise FileNotFoundError(self.folder / archive.name)
        size = path.stat().st_size
        if self.official and size != archive.size:
            raise CourseError(
                f"{path} has {size:,} bytes, the official file {archive.size:,}: copy it again, or say --unofficial."
            )
        return Zip(open(path, "rb"), archive.name)

    def _remote(self, archive: sources.Archive, url: str, kept: bool) -> Zip:
        blocks = self.work / f"{archive.name}.blocks" if kept else None
        file = RemoteFile(self.client, url, blocks)
        if self.official and file.length != archive.size:
            raise Trouble("wrong length", f"the server has {file.length:,} bytes, the official file {archive.size:,}")
        return Zip(file, archive.name)

    @staticmethod
    def _opened(path: Path, name: str) -> Zip:
        file = open(path, "rb")  # noqa: SIM115 (the Zip closes it)
        try:
            return Zip(file, name)
        except CourseError:
            file.close()
            path.unlink()  # else every later run would find the same
            raise

    def _whole(self, archive: sources.Archive, url: str) -> Path:
        path = self.work / (archive.name if self.official else f"unofficial-{archive.name}")
        if path.is_file():  # it was checked before it got its name
            return path
        check_space(self.work, archive.size - self.begun(archive) if self.official else 0)
        size, hashes = None, {}
        if self.official:
            size = archive.size
            hashes = {name: value for name in ("sha256", "sha1") if (value := getattr(archive, name))}
        with Meter(f"Fetching {archive.name}", archive.size, shown=self.shown) as meter:
            return fetch(self.client, url, path, size=size, hashes=hashes, on_bytes=meter.at)


def explained(url: str, trouble: Trouble) -> CourseError:
    """The one line that a user needs."""
    todo = _TODO.get(trouble.kind, _AGAIN)
    return CourseError(f"Can't fetch {url}: {trouble.detail or trouble.kind}; {todo}.")
