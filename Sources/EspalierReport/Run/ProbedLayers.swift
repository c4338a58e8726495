/// What probes saw of the layers' outputs: at no more than some hundred moments, whatever the run.
struct ProbedLayers: Sendable {
    struct Layer: Sendable {
        var path: String
        /// `ReLU()`.
        var layer: String
        /// One for each moment; nothing where a probe did not see the layer.
        var probes: [Event.Probe.Layer?]
    }

    /// Steps taken at each moment, rising.
    let steps: [Int]
    /// In the order of the data.
    private(set) var layers: [Layer] = []

    static let limit = 120

    init(_ probes: [Event.Probe]) {
        let seen = probes.filter { !($0.layers ?? []).isEmpty }
        let chosen = thinned(seen.count, to: Self.limit).map { seen[$0] }
        steps = chosen.map(\.step)
        var places: [String: Int] = [:]
        for (moment, probe) in chosen.enumerated() {
            for layer in probe.layers ?? [] {
                let place = places[layer.path] ?? layers.count
                if place == layers.count {
                    places[layer.path] = place
                    layers.append(
                        Layer(
                            path: layer.path, layer: layer.layer ?? "",
                            probes: Array(repeating: nil, count: chosen.count)))
                }
                layers[place].probes[moment] = layer
            }
        }
    }

    var isEmpty: Bool { layers.isEmpty }

    /// At most `limit` of the layers: evenly over the depth, the first, the last and the one at `path` among them.
    func selection(of limit: Int, with path: String? = nil) -> [Layer] {
        var places = thinned(layers.count, to: limit)
        if let path, let place = index(of: path), !places.contains(place),
            let nearest = places.indices.dropFirst().dropLast().min(by: {
                abs(places[$0] - place) < abs(places[$1] - place)
            })
        {
            places[nearest] = place
        }
        return places.map { layers[$0] }
    }

    /// The layer at `path`, or the one whose parameter or part that is.
    func index(of path: String) -> Int? {
        layers.firstIndex { $0.path == path } ?? layers.firstIndex { path.hasPrefix($0.path + ".") }
    }
}

extension ProbedLayers.Layer {
    /// A number at each moment; not a number where it was not measured.
    func values(_ number: (Event.Probe.Layer) -> Double?) -> [Double] { probes.map { $0.flatMap(number) ?? .nan } }
}
