"""Rules on who is below ground: numbers, places, times, posts, and cards that do not behave like one person each."""
