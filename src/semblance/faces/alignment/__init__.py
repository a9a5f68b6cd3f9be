"""From a face in a photo to the upright, centred chip that an encoder was trained on."""
