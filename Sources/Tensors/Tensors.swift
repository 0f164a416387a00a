// Placeholder: the Tensors target.
