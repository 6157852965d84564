"""Who is on duty, who is called and what came of it, how a shift is handed over, what the day's bulletin says, drills."""
