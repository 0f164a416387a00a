// A stage names artifacts, digests and paths, so whoever declares one can name them too.
@_exported import Artifacts
