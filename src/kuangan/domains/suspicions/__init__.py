"""Suspicions: signs that readings were made rather than measured, for a named group, until people have looked."""
