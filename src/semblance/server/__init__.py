"""What runs while a node serves: the pages and the API as one site, and the worker beside them."""
