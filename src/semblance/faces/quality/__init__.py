"""Quality components in the names and on the scale of ISO/IEC 29794-5:2025; how they are computed is our own.

Every component is one small function that returns a QualityScore. The standard's own mappings were tuned on its own
implementations; ours are stated with each function and judged by what they do to the error (docs/quality.md).
"""
