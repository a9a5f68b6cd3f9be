"""Long work as jobs: begun inside another act, done by a worker, looked at and broken off by people."""
