"""Laws and standards with their dates, who must read and has read them, and what inspections told mines of the law."""
