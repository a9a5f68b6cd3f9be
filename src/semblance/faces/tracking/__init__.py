"""Following faces through a video: where each was, frame by frame, never across people."""
