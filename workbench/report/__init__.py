"""Answers as tables, text, HTML and files."""
