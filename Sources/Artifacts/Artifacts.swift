// Placeholder: the Artifacts target.
