// A plan is made of declared stages, so whoever reads one can name them too.
@_exported import Declaring
