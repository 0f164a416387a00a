// Placeholder: the Inspecting target.
