"""Benchmarks: figures as ratios against a floor taken in the same run. Not part of the tests."""
