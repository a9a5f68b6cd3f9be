"""Records under law: written, read, listed, moved from state to state, erased."""
