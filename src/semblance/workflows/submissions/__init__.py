"""Submissions: the videos and photos that come into a case, received in pieces, read, reviewed and erased."""
