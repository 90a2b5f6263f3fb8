"""Talking to platforms."""
