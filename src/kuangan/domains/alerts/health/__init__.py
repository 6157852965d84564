"""Alarm health over a week or a month: load, noise, answers, causes and whether mines were heard, each number with its list."""
