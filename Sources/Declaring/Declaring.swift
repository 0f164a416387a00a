// Placeholder: the Declaring target.
