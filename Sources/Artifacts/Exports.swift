// Paths are part of this module's interface, so whoever imports it can name them.
@_exported import SystemPackage
