extension String {
    /// A file's name without its folder, its ending and what packing adds to that: `houses` of `data/houses.csv.gz`.
    package var fileStem: String {
        var name = split(separator: "/").last.map(String.init) ?? ""
        if name.lowercased().hasSuffix(".gz") { name.removeLast(3) }
        return name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    }
}
