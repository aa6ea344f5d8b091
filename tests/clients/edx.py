"""Calls a server as services of Open edX do, by edx-rest-api-client, run by a Python that has it.

`python edx.py ADDRESS KEY SECRET` reads requests from standard input, one JSON object a line with `method`, `path`
and what `requests` takes beside them, and prints status and body of each answer, one JSON list a line.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module

import_module("django.conf").settings.configure(
    CACHES={"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
)


def main(address: str, key: str, secret: str) -> None:
    client = import_module("edx_rest_api_client.client").OAuthAPIClient(address, key, secret, timeout=(60, 60))
    for line in sys.stdin:
        asked = json.loads(line)
        answer = client.request(asked.pop("method"), address + asked.pop("path"), timeout=60, **asked)
        sys.stdout.write(json.dumps([answer.status_code, answer.json() if answer.content else None]) + "\n")


main(*sys.argv[1:])
