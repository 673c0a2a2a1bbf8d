"""What can be wrong with what is given to the training capability."""


class TrainingError(Exception):
    """Root of this capability's errors."""
