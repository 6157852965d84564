"""Signs that readings were made rather than measured. A sign is a reason to look; whether anybody deceived is for people to find."""
