"""Benchmarks: every figure beside a floor taken in the same run. They assert nothing and are no part of the tests."""
