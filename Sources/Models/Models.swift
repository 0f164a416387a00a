// Placeholder: the Models target.
