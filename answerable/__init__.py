"""Answerable: a workplace reporting channel that has to answer."""
