"""The keys that seal what is stored, apart from the store and wrapped by the node key."""
