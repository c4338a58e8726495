import EspalierSpec
import EspalierTraining

/// A change that a repair may try: remedies one after the other, and what they make of the experiment.
struct Candidate: Sendable {
    var remedies: [Finding.Proposal]
    var experiment: Experiment

    /// The remedies by name and strength, as progress shows them.
    var text: String {
        remedies.isEmpty
            ? "nothing changed"
            : remedies.map(\.strength).joined(separator: " + ")
    }

    /// This candidate with another remedy on top; nothing where that changes nothing or cannot be.
    func adding(_ remedy: any Remedy, why: String) -> Candidate? {
        guard let changed = try? remedy.applied(to: experiment),
            let change = experiment.configuration.changes(to: changed.configuration)
        else { return nil }
        let type = type(of: remedy)
        let proposal = Finding.Proposal(name: type.name, settings: remedy.configuration, why: why, change: change)
        return Candidate(remedies: remedies + [proposal], experiment: changed)
    }
}

/// The candidates of a round, the likeliest to help first, none twice.
struct Candidates {
    private(set) var all: [Candidate] = []
    /// What was left out, as it changes what it would be measured on.
    private(set) var unmeasurable: [Candidate] = []
    private var known: Set<Experiment>
    private let base: Candidate
    let registry: Registry<any Remedy>

    init(on base: Candidate, without known: Set<Experiment>, registry: Registry<any Remedy>) {
        self.base = base
        self.known = known.union([base.experiment])
        self.registry = registry
    }

    mutating func add(_ remedy: any Remedy, why: String) {
        guard let candidate = base.adding(remedy, why: why), known.insert(candidate.experiment).inserted else { return }
        if candidate.experiment.hasHeldOutData(of: base.experiment) {
            all.append(candidate)
        } else {
            unmeasurable.append(candidate)
        }
    }

    /// What the diagnoses propose: the first proposals of the first findings, then their other strengths.
    mutating func add(proposedBy diagnoses: [Diagnosis]) {
        let findings = Self.interleaved(diagnoses.map { $0.findings.filter { $0.severity > .info } })
        let remedies = Self.interleaved(findings.map(\.remedies)).compactMap { proposal in
            (try? Remedies.remedy(proposal, in: registry)).map { (remedy: $0, why: proposal.why) }
        }
        for (remedy, why) in remedies { add(remedy, why: why) }
        for (remedy, _) in remedies { addAlternatives(of: remedy) }
    }

    /// Other strengths of a remedy.
    mutating func addAlternatives(of remedy: any Remedy) {
        func alternatives(_ remedy: some Remedy) -> [any Remedy] { remedy.alternatives }
        for remedy in alternatives(remedy) { add(remedy, why: remedy.why) }
    }

    /// The first of each list, then the second of each, and so on.
    private static func interleaved<Element>(_ lists: [[Element]]) -> [Element] {
        (0..<(lists.map(\.count).max() ?? 0)).flatMap { index in
            lists.compactMap { $0.indices.contains(index) ? $0[index] : nil }
        }
    }
}

extension Finding.Proposal {
    /// The name, and the settings that are given.
    var strength: String {
        guard case .map(let entries) = settings else { return name }
        let given = entries.filter { $0.value != .null }
        return given.isEmpty ? name : "\(name) \(YAML.writeLine(.map(given)))"
    }
}

extension Experiment {
    /// Whether both hold the same samples out, so that a gain can be measured.
    func hasHeldOutData(of other: Experiment) -> Bool {
        let (mine, others) = (data.configuration, other.data.configuration)
        return ["source", "validation", "test", "split", "limit"].allSatisfy { mine[$0] == others[$0] }
    }
}
