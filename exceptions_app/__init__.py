"""The domain: promises watched, cases worked, everything provable afterwards."""
