import EspalierSpec

/// The fields of a map in one of the run folder's files, each missing or of its kind.
struct Fields {
    let value: ConfigurationValue
    let place: String

    init(_ value: ConfigurationValue, at place: String) {
        self.value = value
        self.place = place
    }

    func requireMap() throws {
        guard case .map = value else {
            throw EspalierError(
                "a value that is no map", at: place, expected: "names with values, as the training writes them",
                fix: "restore the file, or remove it")
        }
    }

    func error(_ name: String, expected: String) -> EspalierError {
        EspalierError(
            self[name] == nil ? "\"\(name)\" is missing" : "\"\(name)\" is something else", at: place,
            expected: expected, fix: "restore the file, or remove it")
    }

    /// What stands under the name; nothing where that is `null`.
    subscript(name: String) -> ConfigurationValue? { value[name].flatMap { $0 == .null ? nil : $0 } }

    func text(_ name: String) throws -> String? {
        guard let value = self[name] else { return nil }
        guard case .string(let text) = value else { throw error(name, expected: "a text") }
        return text
    }

    func flag(_ name: String) throws -> Bool? {
        guard let value = self[name] else { return nil }
        guard case .boolean(let flag) = value else { throw error(name, expected: "true or false") }
        return flag
    }

    func count(_ name: String) throws -> Int? {
        guard let value = self[name] else { return nil }
        guard case .integer(let count) = value, Event.counts.contains(count) else {
            throw error(name, expected: "a count from 0 to \(Event.counts.upperBound)")
        }
        return count
    }

    func list(_ name: String) throws -> [ConfigurationValue]? {
        guard let value = self[name] else { return nil }
        guard case .list(let items) = value else { throw error(name, expected: "a list") }
        return items
    }

    func texts(_ name: String) throws -> [String] {
        try (list(name) ?? []).map { item in
            guard case .string(let text) = item else { throw error(name, expected: "a list of texts") }
            return text
        }
    }

    /// The numbers of a map by their names, in their order.
    func numbers(_ name: String) throws -> [(name: String, value: Double)] {
        guard let value = self[name] else { return [] }
        guard case .map(let entries) = value else { throw error(name, expected: "names with numbers") }
        return try entries.map { entry in
            guard let number = entry.value.doubleValue else { throw error(name, expected: "names with numbers") }
            return (entry.key, number)
        }
    }
}
