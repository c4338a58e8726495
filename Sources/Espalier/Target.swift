// Espalier
