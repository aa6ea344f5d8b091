"""A store in a folder and one on an S3 server that runs in this process."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from app.files.store import FileStore

BUCKET = "campusgraph-tests"


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of an S3 server with one bucket; its keys are in the environment."""
    import boto3  # type: ignore[import-untyped]
    from moto.server import ThreadedMotoServer

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("NO_PROXY", "127.0.0.1")
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        client = boto3.client("s3", endpoint_url=f"http://{host}:{port}")
        client.create_bucket(Bucket=BUCKET)
        client.close()
        yield f"http://{host}:{port}"
        server.stop()


@pytest.fixture(params=["folder", "bucket", "prefix"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    """An empty store of each kind."""
    if request.param == "folder":
        return FileStore((tmp_path / "a folder").as_uri())
    url: str = request.getfixturevalue("s3")
    prefix = f"/{uuid4()}/files" if request.param == "prefix" else ""
    return FileStore(f"s3://{BUCKET}{prefix}", url)
