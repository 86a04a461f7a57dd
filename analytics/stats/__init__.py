"""Statistics of experiments: pure functions of moments.

Imports only the standard library, numpy, scipy and statsmodels.
"""
