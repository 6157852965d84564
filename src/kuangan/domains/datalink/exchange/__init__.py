"""The frame for platforms that exist already: packages out, handling in, official numbers, what differs."""
