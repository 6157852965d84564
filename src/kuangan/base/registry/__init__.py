"""Regions, companies, mines, places and points, with the dates from which each fact holds."""
