"""Guessing of passwords and codes, slowed for each account and for each address, in this process."""

from __future__ import annotations

from hashlib import sha256

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

MINUTES = 5
TRIES: RateLimitItem = RateLimitItemPerMinute(10, MINUTES)
FAILURES: RateLimitItem = RateLimitItemPerMinute(100, MINUTES)


class Throttle:
    """Ten tries for an account and a hundred failures for an address (a campus may have one) in five minutes."""

    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def admits(self, what: str, account: str, address: str) -> bool:
        """Count a try, before its outcome is known, so that many at a time gain nothing; whether it may be made."""
        return self._limiter.test(FAILURES, what, address) and self._limiter.hit(TRIES, what, _short(account))

    def failed(self, what: str, address: str) -> None:
        """Count a failure."""
        self._limiter.hit(FAILURES, what, address)

    def succeeded(self, what: str, account: str) -> None:
        """Forget the account's tries."""
        self._limiter.clear(TRIES, what, _short(account))


def _short(account: str) -> str:
    return sha256(account.lower().encode(errors="surrogatepass")).hexdigest()
