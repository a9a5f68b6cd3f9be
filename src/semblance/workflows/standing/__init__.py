"""Standing searches: asked for, authorised, run each night, ended."""
