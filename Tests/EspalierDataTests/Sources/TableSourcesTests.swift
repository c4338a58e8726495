import EspalierData
import Testing

/// The built-in tables: their shapes, and counts and means as they are published.
@Suite struct TableSourcesTests {
    private func check(_ data: Dataset, rows: Int, means: [Double]) {
        #expect(data.count == rows)
        #expect(data.featureNames.count == data.sampleSize)
        for (column, mean) in means.enumerated() {
            #expect(abs(data.column(column).mean - mean) < 1e-4 * mean, "column \(column)")
        }
    }

    @Test func iris() throws {
        let data = try IrisSource().load(relativeTo: "")
        check(data, rows: 150, means: [5.843333, 3.057333, 3.758, 1.199333])
        #expect(data.featureNames == ["sepal_length", "sepal_width", "petal_length", "petal_width"])
        #expect(data.classCounts == [50, 50, 50])
        guard case .classes(_, let names) = data.targets else { return }
        #expect(names == ["setosa", "versicolor", "virginica"])
        // As Fisher has them; other copies are wrong in these two rows.
        #expect(data.inputs[34 * 4..<35 * 4] == [4.9, 3.1, 1.5, 0.2])
        #expect(data.inputs[37 * 4..<38 * 4] == [4.9, 3.6, 1.4, 0.1])
    }

    @Test func wine() throws {
        let data = try WineSource().load(relativeTo: "")
        check(
            data, rows: 178,
            means: [
                13.000618, 2.336348, 2.366517, 19.494944, 99.741573, 2.295112, 2.029270, 0.361854, 1.590899, 5.058090,
                0.957449, 2.611685, 746.893258,
            ])
        #expect(data.sampleShape == [13] && data.featureNames.first == "alcohol" && data.featureNames.last == "proline")
        #expect(data.classCounts == [59, 71, 48])
    }

    @Test func breastCancer() throws {
        let data = try BreastCancerSource().load(relativeTo: "")
        check(data, rows: 569, means: [14.127292, 19.289649, 91.969033, 654.889104])
        #expect(data.sampleShape == [30])
        #expect(data.featureNames[0] == "mean_radius" && data.featureNames[29] == "worst_fractal_dimension")
        #expect(data.classCounts == [212, 357])
        guard case .classes(_, let names) = data.targets else { return }
        #expect(names == ["malignant", "benign"])
    }

    @Test func diabetes() throws {
        let data = try DiabetesSource().load(relativeTo: "")
        check(data, rows: 442, means: [48.518100, 1.468326, 26.375792, 94.647014, 189.140271, 115.439140])
        #expect(data.featureNames == ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"])
        #expect(data.values.count == 442 && abs(data.values.mean - 152.133484) < 1e-4)
        #expect(data.values.min() == 25 && data.values.max() == 346)
    }
}
