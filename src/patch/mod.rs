//! Replace-only JSON Patch: built, checked, computed and applied.
