"""Judgement on streams: rule book, detectors, engine and its runners."""
