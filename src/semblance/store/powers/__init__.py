"""What gives powers is sealed under the keyring: whoever writes the database alone gives, takes and hides none."""
