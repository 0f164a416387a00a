// Placeholder: the Retort target.
