// What `import Retort` gives: the language of pipelines, all stages, and the wrappers of parameters.
@_exported import ArgumentParser
@_exported import Declaring
@_exported import Stages
