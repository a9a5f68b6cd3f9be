"""File formats: folders and manifests of photos."""
