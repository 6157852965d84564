"""The life of what the warning engine raises: told, acknowledged, verified, reported back, reviewed, closed."""
