"""A university to try things on: believable, and the same every time. See README.md."""

from app.demo.story import fill

__all__ = ["fill"]
