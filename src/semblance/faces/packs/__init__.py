"""Model packs: named, versioned sets of a detector, an aligner and an encoder, each file known by its SHA-256."""
