"""The pages of results, decisions, the archive and the Data Lab."""
