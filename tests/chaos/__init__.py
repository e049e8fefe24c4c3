"""The bench of faults: the whole line under load, faults drawn from a seed, a ledger to compare."""
