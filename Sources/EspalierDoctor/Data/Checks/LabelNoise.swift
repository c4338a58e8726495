import EspalierTraining

/// Many labels are not what all samples around say.
///
/// The more of a sample's neighbours agree, the less often should it have another label than they do: where classes overlap,
/// neighbours do not agree, and where all agree, the sample is one of them (Wilson 1972, "Asymptotic properties of nearest
/// neighbor rules using edited data"). A label that is wrong by chance is as likely to be so among neighbours that agree
/// (Northcutt, Jiang and Chuang 2021, "Confident learning"). So a line is fitted to whether a sample disagrees with most of its
/// neighbours, over how many of these agree,
///
///     disagreement = share + slope (agreement - 1),   weights agreement^4,
///
/// and `share` is what is left where all agree. Found is a share whose lower confidence bound is above `leastShare`, on a line
/// as flat as noise makes it, in data of which neighbours tell something. Measured on 25 draws of each: none of the tables as they
/// are, of clouds, moons and circles that overlap until neighbours tell two fifths of what is to know; one in ten where they tell a
/// fifth. With three tenths of the labels wrong all of digits, nine in ten of moons, eight of clouds, seven of 400 rows of breast
/// cancer, two of 120 of wine, which are too few for it; with a fifth wrong all of digits, seven of clouds, two of breast cancer.
enum LabelNoise: Check {
    static let leastShare = 0.1
    /// Classes that overlap make the line fall by .5 to 1.1; it rises as steeply where samples lie among those of other
    /// classes by design, as on rings within rings.
    static let steepest = 0.5
    static let leastSkill = 0.1
    /// How many standard errors the bound lies below the share.
    static let standardErrors = 2.5

    static func findings(in picture: DataPicture) -> [Finding] {
        guard let models = picture.models, case .classes(let labels, _) = models.sample.answers,
            models.nearestSkill >= leastSkill, let line = line(models.nearest, labels),
            line.share - standardErrors * line.error > leastShare, abs(line.slope) <= steepest
        else { return [] }
        return [
            Finding(
                .labelNoise, .warning,
                evidence: [
                    .init("share", line.share), .init("standardError", line.error), .init("slope", line.slope),
                    .init("samples", Double(labels.count)), .init("threshold", leastShare),
                ],
                explanation:
                    "Even among samples whose neighbours all have one label, \(line.share.percent) have another, and hardly "
                    + "fewer than among those whose neighbours are divided. So about that share of the labels is wrong, or "
                    + "as good as drawn by lot; where labels are right it is about none. A network that goes on until it has "
                    + "them all right has learned the errors.",
                remedies: [.init(LabelSmoothing())])
        ]
    }

    /// How often a sample disagrees with all its neighbours, and how that falls as they agree more; nothing where they all
    /// agree alike.
    ///
    /// Weighted least squares; the standard error is that of White 1980, for residuals of unequal variance.
    static func line(_ neighbours: Neighbours, _ labels: [Int]) -> (share: Double, slope: Double, error: Double)? {
        let points = labels.enumerated().map { sample, label in
            let (most, agreement) = majority(neighbours[sample].map { labels[$0] })
            let square = agreement * agreement
            return (x: agreement - 1, y: most == label ? 0.0 : 1.0, weight: square * square)
        }
        let sums = points.reduce(into: (w: 0.0, x: 0.0, xx: 0.0, y: 0.0, xy: 0.0)) { sums, point in
            sums.w += point.weight
            sums.x += point.weight * point.x
            sums.xx += point.weight * point.x * point.x
            sums.y += point.weight * point.y
            sums.xy += point.weight * point.x * point.y
        }
        let determinant = sums.w * sums.xx - sums.x * sums.x
        guard determinant > 1e-9 * sums.w * sums.w else { return nil }
        let share = (sums.xx * sums.y - sums.x * sums.xy) / determinant
        let slope = (sums.w * sums.xy - sums.x * sums.y) / determinant
        let variance = points.reduce(0) { sum, point in
            let residual = point.y - share - slope * point.x
            let influence = point.weight * (sums.xx - sums.x * point.x) / determinant
            return sum + influence * influence * residual * residual
        }
        return (share, slope, variance.squareRoot())
    }

    /// The label that most have, the nearest's of several, and the share that has it.
    private static func majority(_ labels: [Int]) -> (label: Int, share: Double) {
        let counts = labels.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        let most = counts.values.max() ?? 0
        let label = labels.first { counts[$0] == most } ?? 0
        return (label, Double(most) / Double(max(1, labels.count)))
    }
}
