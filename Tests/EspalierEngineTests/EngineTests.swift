import Testing

/// All tests of the engine, one after the other: each has a team of threads of its own, and teams side by side would
/// only wait for processors.
@Suite(.serialized) enum EngineTests {}
