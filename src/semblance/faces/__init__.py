"""From the bytes of a photo to faces, quality and a template. Only this package knows image and model libraries."""
