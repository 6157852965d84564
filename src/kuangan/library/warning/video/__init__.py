"""Rules on the cameras of a mine: what must be seen and is not, pictures that show nothing, electronic seals of stopped mines."""
