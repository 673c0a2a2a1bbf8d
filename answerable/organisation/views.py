"""Signed-in pages about the organisation and its people."""

from answerable.organisation.access import WorkRequest, for_role

__all__ = ["WorkRequest", "for_role"]
