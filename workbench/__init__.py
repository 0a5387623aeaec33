"""Knee-load workbench: knee loads of a recorded walk, and of the same walk with another foot angle or step width."""

__version__ = "0.1.0"
