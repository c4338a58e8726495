/// What a camera writes about a picture: a directory of tags, as in a TIFF file.
enum EXIF {
    /// How the camera was held, 1 to 8; nothing where that is not said.
    static func orientation(in content: ArraySlice<UInt8>) -> Int? {
        let bytes = Array(content)
        guard bytes.count >= 8 else { return nil }
        let isLittle = bytes[0] == UInt8(ascii: "I")
        guard bytes[0] == bytes[1], isLittle || bytes[0] == UInt8(ascii: "M") else { return nil }
        func number(at index: Int, size: Int) -> Int? {
            guard index >= 0, index <= bytes.count - size else { return nil }
            let digits = bytes[index..<index + size]
            return isLittle
                ? digits.reversed().reduce(0) { $0 << 8 | Int($1) } : digits.reduce(0) { $0 << 8 | Int($1) }
        }
        guard let directory = number(at: 4, size: 4), let count = number(at: directory, size: 2) else { return nil }
        for entry in 0..<count {
            let start = directory + 2 + 12 * entry
            guard let tag = number(at: start, size: 2) else { return nil }
            // A short number stands at the start of the field for the value.
            if tag == 0x0112 { return number(at: start + 8, size: 2).flatMap { (1...8).contains($0) ? $0 : nil } }
        }
        return nil
    }
}
