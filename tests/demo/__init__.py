"""Tests of the demo university: that it is all there, contradicts nothing, and is the same every time."""
