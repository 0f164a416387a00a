// Placeholder: the Planning target.
