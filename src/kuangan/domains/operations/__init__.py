"""What a mine declares and controls daily: announced work, caretakers of stopped mines, underground safety systems."""
