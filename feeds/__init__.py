"""Checked RSS, Atom and JSON feeds from a newspaper's stored articles."""

__version__ = "0.1.0"
