"""Answers as HoloViews objects, and the colours and line styles of everything that is drawn."""
