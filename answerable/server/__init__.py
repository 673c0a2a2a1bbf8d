"""Settings, WSGI and the keeper loop."""
