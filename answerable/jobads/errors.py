"""What can be wrong with what is given to the reviewer."""


class JobAdsError(Exception):
    """Root of this capability's errors."""


class BadAd(JobAdsError):
    """A text or file that can't be read as an advertisement; the message says why, in words for its author."""
