"""Dangers that several points show together: air, fans, doors, power, fire, water, ground, slopes, ponds, and gas that comes again."""
