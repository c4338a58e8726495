import EspalierSpec

/// How numbers are brought to a common size before training.
public enum Scaling: String, CaseIterable, ConfigurationRepresentable, Codable {
    /// As they are.
    case none
    /// The known range of the data becomes 0...1, the same for every feature.
    case unit
    /// The range of each feature over the training rows becomes 0...1.
    case minMax
    /// Each feature gets mean 0 and standard deviation 1 over the training rows.
    case standard
}
