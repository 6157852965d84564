"""Documents that are kept as files: drawings of mines in versions."""
