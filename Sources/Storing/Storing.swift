// Placeholder: the Storing target.
