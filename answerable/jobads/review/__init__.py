"""Reads a job advertisement and says what is wrong with it, where, by which law, and how to say it better. Pure."""
