"""The store in a folder and on an S3 server: all or nothing, once, by range."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from app.errors import ConfigurationError, NotFound
from app.files.spool import SMALL, FileTooLarge
from app.files.store import FRESH, FileStore, Stored, key
from app.settings import Settings

pytestmark = pytest.mark.anyio

LARGE = b"0123456789" * 1_200_000
SIZES = [0, 1, SMALL, SMALL + 1, len(LARGE)]


async def pieces(content: bytes, size: int = 70_001) -> AsyncIterator[bytes]:
    """Content as it comes over a wire."""
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def listed(store: FileStore) -> set[Stored]:
    """All that is in a store."""
    return {Stored(each.sha256, each.size) async for each in store.keys()}  # noqa: SIM118 - no mapping


async def test_what_is_put_is_there(store: FileStore) -> None:
    before = await listed(store)
    stored = [await store.put(pieces(LARGE[:size]), size) for size in SIZES]
    assert stored == [Stored(sha256(LARGE[:size]).hexdigest(), size) for size in SIZES]
    for each in stored:
        assert await store.exists(each.sha256)
        assert await store.read(each.sha256) == LARGE[: each.size]
    assert await listed(store) - before == set(stored) - before


async def test_a_large_file_is_read_in_pieces(store: FileStore) -> None:
    stored = await store.put(pieces(LARGE), len(LARGE))
    sizes = [len(chunk) async for chunk in await store.open(stored.sha256)]
    assert sum(sizes) == len(LARGE)
    assert len(sizes) > 10


@pytest.mark.parametrize("range", [(0, 1), (0, len(LARGE)), (5, 12), (len(LARGE) - 3, len(LARGE))], ids=str)
async def test_a_range_is_read(store: FileStore, range: tuple[int, int]) -> None:
    stored = await store.put(pieces(LARGE), len(LARGE))
    found = b"".join([chunk async for chunk in await store.open(stored.sha256, range)])
    assert found == LARGE[range[0] : range[1]]


async def test_what_is_not_there_is_not_found(store: FileStore) -> None:
    nowhere = sha256(b"nowhere").hexdigest()
    assert await store.exists(nowhere) is False
    await store.delete(nowhere)
    with pytest.raises(NotFound):
        await store.open(nowhere)


async def test_what_is_deleted_is_gone(store: FileStore) -> None:
    stored = await store.put_bytes(b"to be deleted")
    await store.delete(stored.sha256)
    assert await store.exists(stored.sha256) is False
    assert stored not in await listed(store)


@pytest.mark.parametrize("limit", [0, SMALL // 2, SMALL * 3])
async def test_too_much_leaves_nothing(store: FileStore, limit: int) -> None:
    before = await listed(store)
    content = b"x" * (limit + 1)
    with pytest.raises(FileTooLarge) as caught:
        await store.put(pieces(content), limit)
    assert (caught.value.code, caught.value.status) == ("FILE_TOO_LARGE", 413)
    assert await listed(store) == before
    assert await store.exists(sha256(content).hexdigest()) is False


@pytest.mark.parametrize("size", [0, 10, SMALL * 3])
async def test_a_stream_that_breaks_off_leaves_nothing(store: FileStore, size: int) -> None:
    async def broken() -> AsyncIterator[bytes]:
        async for piece in pieces(b"y" * size):
            yield piece
        raise ConnectionError("cut off")

    before = await listed(store)
    with pytest.raises(ConnectionError):
        await store.put(broken(), SMALL * 10)
    assert await listed(store) == before


async def test_a_folder_holds_objects_and_nothing_else(tmp_path: Path) -> None:
    store = FileStore(tmp_path.as_uri())
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileTooLarge):
        await store.put(pieces(LARGE), SMALL * 2)
    assert list(tmp_path.rglob("*")) == []
    stored = [
        await store.put(pieces(LARGE), len(LARGE)),
        await store.put_bytes(b"same"),
        await store.put_bytes(b"same"),
    ]
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {key(each.sha256) for each in stored}
    digest = stored[1].sha256
    assert key(digest) == f"objects/{digest[:2]}/{digest[2:4]}/{digest}"


async def test_what_others_left_in_the_folder_is_not_listed(tmp_path: Path) -> None:
    store = FileStore(tmp_path.as_uri())
    stored = await store.put_bytes(b"ours")
    (tmp_path / "objects" / "README").write_text("theirs")
    (tmp_path / "other").write_text("theirs")
    assert await listed(store) == {stored}


async def test_content_is_written_again_when_it_is_old(tmp_path: Path) -> None:
    """Else a repair that has found it old could delete it while its row is being written."""
    store = FileStore(tmp_path.as_uri())
    stored = await store.put_bytes(b"old")
    path = tmp_path / key(stored.sha256)
    now = datetime.now(UTC)
    for age, is_written in ((FRESH - timedelta(minutes=1), False), (FRESH + timedelta(minutes=1), True)):
        moment = (now - age).timestamp()
        os.utime(path, (moment, moment))
        await store.put_bytes(b"old")
        found = await store.find(stored.sha256)
        assert found is not None
        assert (found.put_at >= now - timedelta(minutes=1)) is is_written


URLS = ["", "x", "/path", "file:///", "file://host/path", "http://h/p", "s3:///prefix", "s3:", "file:"]


@pytest.mark.parametrize("url", URLS)
def test_a_url_that_names_no_place(url: str) -> None:
    with pytest.raises(ConfigurationError, match="not a place for files"):
        FileStore(url)


def test_the_place_follows_from_the_settings(tmp_path: Path) -> None:
    beside = Settings(database_url=f"sqlite+aiosqlite:///{tmp_path / 'x y.sqlite3'}")
    assert FileStore.of(beside).path == str(tmp_path / "files")
    postgres = Settings(database_url="postgresql+asyncpg://localhost/campus")
    assert FileStore.of(postgres).path == str(Path("var/files").absolute())
    named = FileStore.of(Settings(files_url="s3://bucket/some/prefix", files_s3_endpoint="http://h:1"))
    assert (named.bucket, named.path, named.endpoint) == ("bucket", "/some/prefix", "http://h:1")
