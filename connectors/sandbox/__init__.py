"""Stands in for every platform, over real HTTP, so that nobody needs an account to see it work (PX2)."""
