import EspalierSpec

/// One scan of a JPEG file: some coefficients of some components, in whole or by some of their bits.
struct JPEGScan {
    /// The codes that a file has defined so far, by number.
    struct Tables {
        var means: [JPEGCode?] = [nil, nil, nil, nil]
        var others: [JPEGCode?] = [nil, nil, nil, nil]

        mutating func read(_ content: ArraySlice<UInt8>) throws {
            var rest = content
            while let first = rest.popFirst() {
                let counts = Array(rest.prefix(16))
                let size = counts.reduce(0) { $0 + Int($1) }
                guard first >> 4 < 2, first & 15 < 4, counts.count == 16, size <= 256, rest.count >= 16 + size else {
                    throw JPEGFile.damaged("a table of codes that is too short")
                }
                let code = try JPEGCode(counts: counts, symbols: Array(rest.dropFirst(16).prefix(size)))
                rest = rest.dropFirst(16 + size)
                if first >> 4 == 0 { means[Int(first & 15)] = code } else { others[Int(first & 15)] = code }
            }
        }
    }

    /// The order in which coefficients come, from the lowest frequency on.
    static let order: [Int] = {
        var order: [Int] = []
        for diagonal in 0..<15 {
            let rows = max(0, diagonal - 7)...min(7, diagonal)
            order += (diagonal % 2 == 0 ? rows.reversed() : Array(rows)).map { 8 * $0 + diagonal - $0 }
        }
        return order
    }()

    /// Which components, by their position in the frame.
    let components: [Int]
    private let frame: JPEGFrame
    private let codes: [(mean: JPEGCode?, others: JPEGCode?)]
    /// The coefficients, in their order.
    private let band: ClosedRange<Int>
    /// The lowest bit that is known after the scan.
    private let low: Int
    /// Whether the scan adds a bit to what is known.
    private let refines: Bool
    private let restartInterval: Int

    /// Whether the means of the blocks are told, without which there is no picture.
    var hasMeans: Bool { band.lowerBound == 0 && !refines }

    init(header: ArraySlice<UInt8>, _ frame: JPEGFrame, _ tables: Tables, restartInterval: Int) throws {
        let fields = Array(header)
        guard let count = fields.first, (1...4).contains(count), fields.count == 4 + 2 * Int(count) else {
            throw JPEGFile.damaged("the header of a scan has \(fields.count) bytes")
        }
        self.frame = frame
        self.restartInterval = restartInterval
        let last = fields.count - 3
        let isProgressive = frame.isProgressive
        low = isProgressive ? Int(fields[last + 2] & 15) : 0
        let high = isProgressive ? Int(fields[last + 2] >> 4) : 0
        refines = high > 0
        let (from, to) = isProgressive ? (Int(fields[last]), Int(fields[last + 1])) : (0, 63)
        guard from <= to, to < 64, low < 14, !refines || high == low + 1, !isProgressive || (from == 0) == (to == 0),
            from == 0 || count == 1
        else { throw JPEGFile.damaged("a scan of the coefficients \(from) to \(to), bits \(high) to \(low)") }
        let band = from...to
        self.band = band
        var components: [Int] = [], codes: [(JPEGCode?, JPEGCode?)] = []
        for index in stride(from: 1, to: last, by: 2) {
            guard let component = frame.components.firstIndex(where: { $0.identifier == fields[index] }),
                components.last.map({ $0 < component }) ?? true
            else { throw JPEGFile.damaged("a scan of the component \(fields[index])") }
            let numbers = (Int(fields[index + 1] >> 4), Int(fields[index + 1] & 15))
            let mean = numbers.0 < 4 ? tables.means[numbers.0] : nil
            let others = numbers.1 < 4 ? tables.others[numbers.1] : nil
            guard mean != nil || from > 0 || high > 0, others != nil || to == 0 else {
                throw JPEGFile.damaged("a scan without its codes")
            }
            components.append(component)
            codes.append((mean, others))
        }
        self.components = components
        self.codes = codes
    }

    /// Reads the scan's bits from `position` on and returns the position behind them.
    func read(_ bytes: [UInt8], from position: Int, into coefficients: inout [Int16]) throws -> Int {
        var state = State(bits: JPEGBits(bytes, from: position), order: Self.order)
        let isSingle = components.count == 1, first = frame.components[components[0]]
        // A component by itself has no blocks beyond the picture.
        let wide = isSingle ? (first.width + 7) / 8 : frame.groupsWide
        let high = isSingle ? (first.height + 7) / 8 : frame.groupsHigh
        for group in 0..<wide * high {
            if restartInterval > 0, group > 0, group % restartInterval == 0 {
                guard !state.bits.isOverdrawn else { throw JPEGFile.truncated }
                try state.bits.restart(group / restartInterval - 1)
                state.means = [0, 0, 0, 0]
                state.emptyBlocks = 0
            }
            let (row, column) = (group / wide, group % wide)
            for (number, index) in components.enumerated() {
                let component = frame.components[index]
                let across = isSingle ? 1 : component.across, down = isSingle ? 1 : component.down
                for line in 0..<down {
                    for place in 0..<across {
                        let block = (row * down + line) * component.blocksWide + column * across + place
                        try readBlock(number, at: component.start + 64 * block, &state, &coefficients)
                    }
                }
            }
            if column == wide - 1, state.bits.isOverdrawn { throw JPEGFile.truncated }
        }
        return state.bits.position
    }

    private struct State {
        var bits: JPEGBits
        let order: [Int]
        /// Of the block before, of each component.
        var means = [0, 0, 0, 0]
        /// How many blocks to come have nothing in the band.
        var emptyBlocks = 0
    }

    @inline(__always)
    private func readBlock(
        _ number: Int, at start: Int, _ state: inout State, _ coefficients: inout [Int16]
    ) throws {
        if band.lowerBound == 0 {
            try readMean(number, at: start, &state, &coefficients)
            if band.upperBound == 0 { return }
        }
        guard let code = codes[number].others else { return }
        if refines {
            try refine(code, at: start, &state, &coefficients)
        } else {
            try readOthers(code, at: start, &state, &coefficients)
        }
    }

    @inline(__always)
    private func readMean(
        _ number: Int, at start: Int, _ state: inout State, _ coefficients: inout [Int16]
    ) throws {
        state.bits.refill()
        if refines {
            if state.bits.take(1) == 1 { coefficients[start] |= 1 << Int16(low) }
            return
        }
        guard let code = codes[number].mean else { return }
        let width = try code.symbol(&state.bits)
        guard width < 16 else { throw JPEGFile.damaged("a number of \(width) bits") }
        if width > 0 { state.means[number] &+= state.bits.takeSigned(width) }
        coefficients[start] = Int16(truncatingIfNeeded: state.means[number] << low)
    }

    /// The coefficients of a block behind its mean: each as the zeros before it and the bits that it has.
    @inline(__always)
    private func readOthers(
        _ code: JPEGCode, at start: Int, _ state: inout State, _ coefficients: inout [Int16]
    ) throws {
        if state.emptyBlocks > 0 {
            state.emptyBlocks -= 1
            return
        }
        var index = max(1, band.lowerBound)
        while index <= band.upperBound {
            state.bits.refill()
            let symbol = try code.symbol(&state.bits)
            let zeros = symbol >> 4, width = symbol & 15
            if width == 0 {
                if zeros == 15 {
                    index += 16
                    continue
                }
                state.emptyBlocks = try emptyBlocks(zeros, &state) - 1
                return
            }
            index += zeros
            guard index <= band.upperBound else { throw JPEGFile.damaged("a block with too many coefficients") }
            coefficients[start + state.order[index]] = Int16(
                truncatingIfNeeded: state.bits.takeSigned(width) << low)
            index += 1
        }
    }

    /// How many blocks have nothing more, this one included.
    private func emptyBlocks(_ width: Int, _ state: inout State) throws -> Int {
        guard width == 0 || frame.isProgressive else { throw JPEGFile.damaged("a code for progressive files") }
        return 1 << width + (width > 0 ? state.bits.take(width) : 0)
    }

    /// One more bit of each coefficient that is not 0, and new ones between them.
    private func refine(
        _ code: JPEGCode, at start: Int, _ state: inout State, _ coefficients: inout [Int16]
    ) throws {
        var index = band.lowerBound
        while index <= band.upperBound, state.emptyBlocks == 0 {
            state.bits.refill()
            let symbol = try code.symbol(&state.bits)
            let zeros = symbol >> 4
            var value: Int16 = 0
            switch symbol & 15 {
            case 0 where zeros < 15: state.emptyBlocks = try emptyBlocks(zeros, &state)
            case 0: break
            case 1: value = state.bits.take(1) == 1 ? 1 << Int16(low) : -1 << Int16(low)
            default: throw JPEGFile.damaged("a coefficient of several bits where one is added")
            }
            if state.emptyBlocks > 0 { break }
            index = correct(from: index, past: zeros, at: start, &state, &coefficients)
            if value != 0 {
                guard index <= band.upperBound else { throw JPEGFile.damaged("a block with too many coefficients") }
                coefficients[start + state.order[index]] = value
            }
            index += 1
        }
        if state.emptyBlocks > 0 {
            _ = correct(from: index, past: 64, at: start, &state, &coefficients)
            state.emptyBlocks -= 1
        }
    }

    /// Adds a bit to the coefficients from `index` on that are not 0, past so many that are; returns the next one that is.
    private func correct(
        from index: Int, past zeros: Int, at start: Int, _ state: inout State, _ coefficients: inout [Int16]
    ) -> Int {
        var index = index, zeros = zeros
        let bit: Int16 = 1 << Int16(low)
        while index <= band.upperBound {
            let place = start + state.order[index], value = coefficients[place]
            if value == 0 {
                if zeros == 0 { break }
                zeros -= 1
            } else {
                state.bits.refill()
                // A bit that is there already is not added twice.
                if state.bits.take(1) == 1, value & bit == 0 { coefficients[place] = value &+ (value > 0 ? bit : -bit) }
            }
            index += 1
        }
        return index
    }
}
