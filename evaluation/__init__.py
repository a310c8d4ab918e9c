"""Benchmarks: ours and the field's peers in the same run, written to `var/evaluation/`."""
