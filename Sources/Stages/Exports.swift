// Options of stages are types of these: whoever declares a stage can name and change them.
@_exported import Declaring
@_exported import Models
@_exported import Training
