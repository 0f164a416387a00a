// Placeholder: the Stages target.
