// Placeholder: the RetortTesting target.
