"""Which units an experiment is for: attributes, conditions as people build them, and who matches."""
