"""Organisations, people, roles and who may see what."""
