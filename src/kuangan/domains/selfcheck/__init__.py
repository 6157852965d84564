"""Self-checks, health checks and full coverage as one engine made from the clauses that bind a mine; laws, reading and publicity."""
