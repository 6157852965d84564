"""Workbooks that people offer for the register: read, judged row by row, decided on, then taken over as dated facts."""
