"""Courses on rights at work, and course packages made by other tools."""
