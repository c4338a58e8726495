/// The look of the page: colours for light and dark, type, spacing.
///
/// Every colour is a variable. Blue and orange are told apart by every kind of colour vision; the sequential colours
/// are ColorBrewer's YlGnBu (Brewer 2003), pale for small in the light and dark for small in the dark. Layers run from
/// indigo to orange with their depth.
enum Theme {
    static let heatLevels = 17

    private static let yellowGreenBlue: [SIMD3<Double>] = [
        [247, 247, 205], [237, 248, 177], [199, 233, 180], [127, 205, 187], [65, 182, 196], [29, 145, 192],
        [34, 94, 168], [37, 52, 148], [8, 29, 88],
    ]

    static let light = variables(
        [
            "page": "#f6f6f2", "card": "#ffffff", "ink": "#1b2026", "muted": "#59626d", "rule": "#dfe2df",
            "grid": "#eceeec", "train": "#1c66a3", "validation": "#b04d08", "accent": "#0c6b62", "bad": "#a01f57",
            "wash": "#eef3f1", "gap": "rgba(176,77,8,.10)", "code": "#f3f4f1", "inverse": "#ffffff",
            "middle": "#1b2026",
        ], heat: yellowGreenBlue, depth: [[66, 52, 170], [178, 42, 126], [182, 76, 12]],
        blue: [[222, 235, 247], [20, 82, 138]], orange: [[253, 229, 209], [150, 58, 0]],
        runs: ["#1c66a3", "#b04d08", "#0c6b62", "#a01f57", "#6a4fb0", "#70610a", "#2f7d1f", "#7b4b3a"])

    static let dark = variables(
        [
            "page": "#0f1317", "card": "#171c22", "ink": "#e6e9ec", "muted": "#a2abb6", "rule": "#2c343d",
            "grid": "#242b33", "train": "#78b6ee", "validation": "#f3a662", "accent": "#63cbb8", "bad": "#f591b6",
            "wash": "#1b2529", "gap": "rgba(243,166,98,.13)", "code": "#12161b", "inverse": "#0f1317",
            "middle": "#0f1317",
        ], heat: yellowGreenBlue.reversed(), depth: [[150, 142, 250], [232, 116, 184], [250, 184, 108]],
        blue: [[30, 50, 72], [134, 190, 240]], orange: [[66, 43, 24], [246, 170, 104]],
        runs: ["#78b6ee", "#f3a662", "#63cbb8", "#f591b6", "#b9a5f5", "#d8c85a", "#9bd96b", "#dba58f"])

    private static func variables(
        _ colors: KeyValuePairs<String, String>, heat: [SIMD3<Double>], depth: [SIMD3<Double>], blue: [SIMD3<Double>],
        orange: [SIMD3<Double>], runs: [String]
    ) -> String {
        var text = colors.map { "--\($0.key):\($0.value);" }.joined()
        for level in 0..<heatLevels {
            let fraction = Double(level) / Double(heatLevels - 1)
            text += "--q\(level):\(color(heat, at: fraction));--depth\(level):\(color(depth, at: fraction));"
        }
        for level in 1...6 {
            let fraction = Double(level - 1) / 5
            text += "--right\(level):\(color(blue, at: fraction));--wrong\(level):\(color(orange, at: fraction));"
        }
        for (index, color) in runs.enumerated() { text += "--run\(index):\(color);" }
        return text
    }

    /// The colour at `fraction` of the way along `stops`.
    private static func color(_ stops: [SIMD3<Double>], at fraction: Double) -> String {
        let position = fraction * Double(stops.count - 1)
        let index = min(Int(position), stops.count - 2)
        let mixed = stops[index] + (stops[index + 1] - stops[index]) * (position - Double(index))
        return "rgb(\([mixed.x, mixed.y, mixed.z].map { String(Int($0.rounded())) }.joined(separator: ",")))"
    }

    static var styleSheet: String {
        let heat = (0..<heatLevels).map { level in
            ".q\(level){fill:var(--q\(level))}.depth\(level){stroke:var(--depth\(level))}"
                + "svg .label.depth\(level){stroke:none;fill:var(--depth\(level))}"
        }
        .joined()
        let cells = (1...6).map { ".right\($0){fill:var(--right\($0))}.wrong\($0){fill:var(--wrong\($0))}" }.joined()
        let runs = (0..<ComparedRun.colors).map { index in
            ".run\(index){stroke:var(--run\(index))}svg .label.run\(index){stroke:none;fill:var(--run\(index))}"
                + "#tip .run\(index){color:var(--run\(index))}"
        }
        .joined()
        return """
            :root{\(light)color-scheme:light}
            @media (prefers-color-scheme:dark){:root{\(dark)color-scheme:dark}}
            :root:has(#theme-light:checked){\(light)color-scheme:light}
            :root:has(#theme-dark:checked){\(dark)color-scheme:dark}
            \(layoutRules)
            \(plotRules)
            \(heat)\(cells)\(runs)
            \(narrowRules)
            @media print{:root:root:root:has(#theme-auto){\(light)color-scheme:light}\(printRules)}
            """
    }
}
