"""Pages that cross domains: shell, status strip, live stream, search, one mine one file, error pages."""
