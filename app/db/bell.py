"""A bell for a process: who waits for work that is committed here need not ask the database for it all the time."""

from __future__ import annotations

import asyncio


class Bell:
    """Rung after commits that made work. It is heard once, by whoever waits for it, also when it was rung before."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake who waits."""
        self._event.set()

    def still(self) -> None:
        """Forget that it was rung: what it was rung for is looked for from now on."""
        self._event.clear()

    async def heard(self, seconds: float) -> bool:
        """Wait until it is rung, at most so long; whether it was."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return False
        return True
