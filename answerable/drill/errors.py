"""What can go wrong with a drill."""


class DrillError(Exception):
    """Root of this capability's errors."""


class Failed(DrillError):
    """A drill stopped; the message is the code of the step, such as `send` or `read-back`."""
