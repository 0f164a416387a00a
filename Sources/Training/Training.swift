// Placeholder: the Training target.
