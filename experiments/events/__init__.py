"""Events that come in: the catalogue of what is declared, validation, storage, and what was refused."""
