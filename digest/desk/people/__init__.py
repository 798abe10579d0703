"""Readers, for operators: found, put right, merged, suppressed, erased and taken along."""
