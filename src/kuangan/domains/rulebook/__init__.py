"""Django face of the rule book: the rules, ladders, statutory rows and places in force, with where they come from."""
