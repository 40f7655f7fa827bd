"""The life of a campaign's labeling jobs: which one runs, what it is asked, when it may change.

Pure: everything outside is reached through the protocols of ``ports``.
"""
