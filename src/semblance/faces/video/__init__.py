"""Videos are read here, frame by frame; only the confined process that decodes does so."""
