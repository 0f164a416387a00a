// Placeholder: the Executing target.
