/// The parts of a live page, each with the version in which it changed last, so that only changes are sent.
struct Fragments: Sendable {
    /// A part that is replaced by itself, or a section of such parts.
    enum Part {
        case slot(name: String, Markup)
        case section(title: String, slots: [(name: String, markup: Markup)])
    }

    /// Rises with every change.
    private(set) var version = 0
    private var order: [Frame] = []
    private var slots: [String: (html: String, version: Int)] = [:]
    /// The version in which parts came or went.
    private var orderVersion = 0

    private enum Frame: Sendable, Hashable {
        case slot(String)
        case section(String, [String])
    }

    /// Takes over what a page shows now.
    mutating func update(_ parts: [Part]) {
        var frames: [Frame] = []
        var rendered: [(name: String, html: String)] = []
        for part in parts {
            switch part {
            case .slot(let name, let markup):
                frames.append(.slot(name))
                rendered.append((name, markup.rendered))
            case .section(let title, let cards):
                guard !cards.isEmpty else { continue }
                frames.append(.section(title, cards.map(\.name)))
                rendered += cards.map { ($0.name, $0.markup.rendered) }
            }
        }
        let changed = rendered.filter { slots[$0.name]?.html != $0.html }
        guard !changed.isEmpty || frames != order else { return }
        version += 1
        for slot in changed { slots[slot.name] = (slot.html, version) }
        guard frames != order else { return }
        order = frames
        orderVersion = version
        let names = Set(rendered.map(\.name))
        slots = slots.filter { names.contains($0.key) }
    }

    /// What a page lacks that has seen a version.
    enum Changes: Sendable {
        case none
        case whole(String)
        case slots([(name: String, html: String)])
    }

    func changes(since seen: Int) -> Changes {
        if seen < orderVersion || seen > version { return .whole(html) }
        let changed = names.compactMap { name in
            slots[name].flatMap { $0.version > seen ? (name: name, html: $0.html) : nil }
        }
        return changed.isEmpty ? .none : .slots(changed)
    }

    private var names: [String] {
        order.flatMap { frame in
            switch frame {
            case .slot(let name): [name]
            case .section(_, let names): names
            }
        }
    }

    /// All parts in their order.
    var html: String {
        order.map { frame in
            switch frame {
            case .slot(let name): slot(name).rendered
            case .section(let title, let names): section(title, cards: names.map(slot)).rendered
            }
        }
        .joined()
    }

    private func slot(_ name: String) -> Markup {
        tag("div", ["class": "slot", "id": "slot-\(name)"]) { Markup.verbatim(slots[name]?.html ?? "") }
    }
}
