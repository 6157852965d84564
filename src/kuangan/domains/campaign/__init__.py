"""Programmes of action: who leads, what is to be done by when, how far it is, what is reported, and what the next document takes over."""
