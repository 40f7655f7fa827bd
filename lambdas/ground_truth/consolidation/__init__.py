"""Consolidation algorithms, one per module: answers of several workers in, one label out."""
