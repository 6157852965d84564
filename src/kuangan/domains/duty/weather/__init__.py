"""Weather warnings: read, matched with mines, called out, ordered out, counted out, checked (SX34-44)."""
