"""Gateways: carriers that bring files and messages into the spool."""
