"""What the desk survives; run by hand, minutes each: ``python -m tests.faults.kill``."""
