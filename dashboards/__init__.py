"""The faces of the desk: pages, live board, JSON API."""
