"""Cases, probes handed in, authorisations."""
