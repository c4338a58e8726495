extension ModelState {
    /// Sets random layers to draw as in training, and layers with statistics to use those as in inference.
    ///
    /// That is a model in use with its dropout left on. Setting `mode` sets all layers back.
    public func letRandomLayersDraw() {
        for (_, layer) in contents.layers {
            guard let layer = layer as? any ModeDependent else { continue }
            let hasStatistics = Mirror(reflecting: layer).children.contains { $0.value is Statistic }
            layer.mode = hasStatistics ? .inference : .training
        }
    }

    /// How many weights are exactly zero; biases and normalisations are not counted.
    public var zeroWeightCount: Int {
        contents.parameters.filter { $0.slot.role == .weight }.reduce(0) { sum, parameter in
            sum + (parameters.values(parameter.path)?.count { $0 == 0 } ?? 0)
        }
    }
}
