"""What a running server tells of itself: logs, metrics, spans. Nothing of it says whom a request was about."""
