import CKernels
import EspalierGraph

/// Assembles a tile program: slots, instructions, and how results leave.
///
/// Slots are numbered as they come; `finish` maps those that need scratch onto as few as possible.
struct TileAssembler {
    /// Where a slot's value comes from.
    private enum Source {
        case computed
        /// Contiguous memory of the outside, read or written in place.
        case memory(UnsafeMutablePointer<Float>)
        /// The same with an element for each row.
        case rows(UnsafeMutablePointer<Float>)
        case splat(UnsafeMutablePointer<Float>)
        case strided(UnsafeMutablePointer<Float>, [Int])
    }

    let domain: Shape
    /// Whether tiles are made of whole rows.
    let isByRow: Bool
    private var sources: [Source] = []
    private var instructions: [espalier_instruction] = []
    private var stores: [(slot: Int, address: UnsafeMutablePointer<Float>, strides: [Int])] = []
    private var reductions: [espalier_reduction] = []
    /// The parts of each reduction that is of parts.
    private var parts: [[Range<Int>]?] = []
    private var reducedAxes: [Int] = []
    /// So many of the last instructions write over what reductions may read.
    private var lastCopies = 0
    private var known: [Key: Int] = [:]

    private enum Key: Hashable {
        case memory(UnsafeMutablePointer<Float>)
        case rows(UnsafeMutablePointer<Float>)
        case spread(Int)
        case splat(UnsafeMutablePointer<Float>)
        case strided(UnsafeMutablePointer<Float>, [Int])
    }

    init(domain: Shape, isByRow: Bool = false) {
        self.domain = domain
        self.isByRow = isByRow
    }

    // Operands

    private mutating func slot(_ source: Source, _ key: Key? = nil) -> Int {
        if let key, let slot = known[key] { return slot }
        sources.append(source)
        if let key { known[key] = sources.count - 1 }
        return sources.count - 1
    }

    /// The slot of an operand that lies at `address` by `strides` along the axes of the domain.
    mutating func load(_ address: UnsafeMutablePointer<Float>, strides: [Int]) -> Int {
        let extents = domain.dimensions
        if zip(extents, strides).allSatisfy({ $0 == 1 || $1 == 0 }) {
            return slot(.splat(address), .splat(address))
        }
        if zip(extents, zip(strides, domain.strides)).allSatisfy({ $0 == 1 || $1.0 == $1.1 }) {
            return slot(.memory(address), .memory(address))
        }
        return slot(.strided(address, strides), .strided(address, strides))
    }

    /// The slot of an operand with an element for each row, contiguous at `address`.
    mutating func loadRows(_ address: UnsafeMutablePointer<Float>) -> Int {
        slot(.rows(address), .rows(address))
    }

    /// The slot with each value of `slot` in all elements of its row.
    mutating func spread(_ slot: Int) -> Int {
        if let known = known[.spread(slot)] { return known }
        let result = emit(espalier_row_spread, [slot])
        known[.spread(slot)] = result
        return result
    }

    /// Adds an instruction and returns the slot of its result.
    mutating func emit(
        _ opcode: espalier_opcode, _ operands: [Int] = [], configure: (inout espalier_instruction) -> Void = { _ in }
    ) -> Int {
        let destination = slot(.computed)
        var instruction = espalier_instruction()
        instruction.opcode = Int32(bitPattern: opcode.rawValue)
        instruction.destination = Int32(destination)
        let padded = operands + [Int](repeating: operands.first ?? destination, count: 4 - operands.count)
        instruction.operands = (Int32(padded[0]), Int32(padded[1]), Int32(padded[2]), Int32(padded[3]))
        configure(&instruction)
        instructions.append(instruction)
        return destination
    }

    // Results

    /// Writes the slot, of elements or of values of rows, to contiguous memory.
    mutating func store(_ slot: Int, to address: UnsafeMutablePointer<Float>, byRow: Bool = false) {
        let memory = byRow ? Source.rows(address) : .memory(address)
        // Written by the instruction itself where nothing later reads what lay there; else by a copy at the very end.
        let definition = instructions.firstIndex { Int($0.destination) == slot }
        if let definition, case .computed = sources[slot] {
            let previous = [known[.memory(address)], known[.rows(address)]].compactMap { $0 }
            let isReadLater = previous.contains { slot in
                instructions[(definition + 1)...].contains { $0.slots.contains(slot) }
                    || reductions.contains { [$0.slot, $0.subtrahend].contains(Int32(slot)) }
            }
            if !isReadLater {
                sources[slot] = memory
                return
            }
        }
        let result = emit(espalier_copy, [slot]) { $0.by_row = byRow ? 1 : 0 }
        sources[result] = memory
        lastCopies += 1
    }

    /// Writes the slot by strides along the axes of the domain.
    mutating func store(_ slot: Int, to address: UnsafeMutablePointer<Float>, strides: [Int]) {
        stores.append((slot, address, strides))
    }

    /// Reduces the slot over `axes`, which are neighbours, into contiguous memory.
    ///
    /// With `parts` each part of the domain, which then has one axis, is reduced by itself. With `squared` the squares of the
    /// slot's elements are summed, or of their differences from those of `subtrahend`. Reductions come after the
    /// instructions and before results are written over what lay in their place.
    mutating func reduce(
        _ slot: Int, _ operation: Reduce.Operation, axes: [Int], parts: [Range<Int>]? = nil, squared: Bool = false,
        minus subtrahend: Int? = nil, to address: UnsafeMutablePointer<Float>
    ) {
        var reduction = espalier_reduction()
        reduction.slot = Int32(slot)
        reduction.subtrahend = Int32(subtrahend ?? slot)
        reduction.operation = Int32(
            bitPattern: subtrahend != nil
                ? espalier_reduce_sum_of_squared_differences.rawValue
                : squared
                    ? espalier_reduce_sum_of_squares.rawValue
                    : [.sum: espalier_reduce_sum, .maximum: espalier_reduce_maximum][operation]?.rawValue
                        ?? espalier_reduce_minimum.rawValue)
        reduction.result = address
        reduction.parts = Int64(parts?.count ?? 0)
        reductions.append(reduction)
        self.parts.append(parts)
        reducedAxes = axes
    }

    // The program

    /// The finished program, its scratch memory still to be given.
    mutating func finish(_ records: Records) -> TileProgram {
        let scratch = mapScratch()
        var program = espalier_tile_program()
        program.count = Int64(domain.count)
        let row = isByRow ? domain.dimensions.last ?? 1 : 1
        program.row = Int64(row)
        program.tile = Int64(row * max(1, Int(espalier_tile) / row))
        divide(&program)
        let periods = periods(&program)
        let (extents, strided) = collapsed(without: periods)
        program.rank = Int32(extents.count)
        withUnsafeMutableBytes(of: &program.extents) { bytes in
            for (axis, extent) in extents.enumerated() {
                bytes.storeBytes(of: Int64(extent), toByteOffset: axis * 8, as: Int64.self)
            }
        }
        program.slots = Int32(scratch.slots)
        program.scratches = Int32(scratch.count)
        precondition(scratch.slots <= Int(espalier_max_slots), "a tile program of \(scratch.slots) slots")

        var constants: [espalier_operand] = [], periodic: [espalier_operand] = []
        var loads: [espalier_operand] = [], contiguous: [espalier_operand] = []
        for (index, source) in sources.enumerated() {
            let slot = scratch.mapping[index]
            switch source {
            case .computed: break
            case .memory(let address): contiguous.append(operand(slot, espalier_contiguous, address))
            case .rows(let address):
                contiguous.append(operand(slot, espalier_contiguous, address))
                contiguous[contiguous.count - 1].by_row = 1
            case .splat(let address): constants.append(operand(slot, espalier_splat, address))
            case .strided(let address, _) where periods[index] != nil:
                periodic.append(operand(slot, espalier_periodic, address, [periods[index]!]))
            case .strided(let address, _): loads.append(operand(slot, espalier_strided, address, strided[index]!))
            }
        }
        let scattered = stores.enumerated().map { index, store in
            operand(scratch.mapping[store.slot], espalier_strided, store.address, strided[sources.count + index]!)
        }
        let mapped = instructions.map { $0.mapped(by: scratch.mapping) }
        for index in reductions.indices {
            reductions[index].slot = Int32(scratch.mapping[Int(reductions[index].slot)])
            reductions[index].subtrahend = Int32(scratch.mapping[Int(reductions[index].subtrahend)])
            guard let parts = parts[index] else { continue }
            let (pieces, first) = pieces(of: parts)
            reductions[index].piece = UnsafePointer(records.store(pieces))
            reductions[index].first_piece = UnsafePointer(records.store(first))
        }
        program.constants = Int32(constants.count)
        program.constant = UnsafePointer(records.store(constants))
        program.periodics = Int32(periodic.count)
        program.periodic = UnsafePointer(records.store(periodic))
        program.loads = Int32(loads.count)
        program.load = UnsafePointer(records.store(loads))
        program.contiguous = Int32(contiguous.count)
        program.contiguous_slot = UnsafePointer(records.store(contiguous))
        program.instructions = Int32(mapped.count)
        program.last_copies = Int32(lastCopies)
        program.instruction = UnsafePointer(records.store(mapped))
        program.stores = Int32(scattered.count)
        program.store = UnsafePointer(records.store(scattered))
        program.reductions = Int32(reductions.count)
        let reductionRecords = records.store(reductions)
        program.reduction = UnsafePointer(reductionRecords)
        // Waking the team takes a microsecond or two; an instruction takes about a tenth of a nanosecond an element.
        program.parallel = domain.count * (instructions.count + loads.count + 1) >= 150_000 ? 1 : 0
        return TileProgram(record: records.store(program), reductions: reductionRecords)
    }

    private func operand(
        _ slot: Int, _ access: espalier_access, _ address: UnsafeMutablePointer<Float>, _ strides: [Int] = []
    ) -> espalier_operand {
        var operand = espalier_operand()
        operand.slot = Int32(slot)
        operand.access = Int32(bitPattern: access.rawValue)
        operand.address = address
        withUnsafeMutableBytes(of: &operand.strides) { bytes in
            for (axis, stride) in strides.enumerated() {
                bytes.storeBytes(of: Int64(stride), toByteOffset: axis * 8, as: Int64.self)
            }
        }
        return operand
    }

    /// The operands that are the same in every tile, which are loaded once: a few numbers along the last axes, repeated.
    ///
    /// The tile of a program without reductions is shortened to a multiple of that.
    private func periods(_ program: inout espalier_tile_program) -> [Int: Int] {
        var result: [Int: Int] = [:]
        for (index, source) in sources.enumerated() {
            guard case .strided(_, let strides) = source, let period = period(of: strides) else { continue }
            if reducedAxes.isEmpty, !isByRow, result.isEmpty { program.tile -= program.tile % Int64(period) }
            if beginsAtMultiples(of: period, program) { result[index] = period }
        }
        return result
    }

    /// After how many elements of the domain the elements of an operand come again from the first on, if they are few.
    private func period(of strides: [Int]) -> Int? {
        let extents = domain.dimensions, contiguous = domain.strides
        var axis = extents.count, period = 1
        while axis > 0, extents[axis - 1] == 1 || strides[axis - 1] == contiguous[axis - 1] {
            axis -= 1
            period *= extents[axis]
        }
        let repeats = (0..<axis).allSatisfy { extents[$0] == 1 || strides[$0] == 0 }
        return repeats && period > 1 && period <= Int(espalier_tile) / 2 ? period : nil
    }

    /// Whether every tile begins at a multiple of `period`.
    private func beginsAtMultiples(of period: Int, _ program: espalier_tile_program) -> Bool {
        let period = Int64(period), tile = Int64(espalier_tile)
        if reducedAxes.isEmpty { return program.tile % period == 0 }
        let line = program.inner == 1 ? program.reduced : program.inner
        let isWhole = program.inner == 1 ? 2 * line <= tile && program.chunk >= line : line <= tile
        return line % period == 0 && (isWhole || tile % period == 0)
    }

    /// The domain with neighbouring axes joined where every strided operand allows, and those operands' strides.
    ///
    /// Operands are numbered as the slots are, stores after them.
    private func collapsed(without periods: [Int: Int]) -> (extents: [Int], strides: [Int: [Int]]) {
        var strided: [Int: [Int]] = [:]
        for (index, source) in sources.enumerated() where periods[index] == nil {
            if case .strided(_, let strides) = source { strided[index] = strides }
        }
        for (index, store) in stores.enumerated() { strided[sources.count + index] = store.strides }
        var extents: [Int] = []
        var result = strided.mapValues { _ in [Int]() }
        for axis in 0..<domain.rank where domain[axis] != 1 {
            let joins =
                !extents.isEmpty
                && strided.allSatisfy { index, strides in
                    result[index]!.last! == strides[axis] * domain[axis]
                }
            if joins {
                extents[extents.count - 1] *= domain[axis]
            } else {
                extents.append(domain[axis])
            }
            for (index, strides) in strided {
                if joins {
                    result[index]![extents.count - 1] = strides[axis]
                } else {
                    result[index]!.append(strides[axis])
                }
            }
        }
        if extents.isEmpty { return ([1], result.mapValues { _ in [0] }) }
        precondition(extents.count <= Int(espalier_max_rank), "a tile program over \(extents.count) axes")
        return (extents, result)
    }

    /// Sees the domain as [outer, reduced, inner] and cuts it into tasks, by sizes alone: the result must not depend on
    /// the number of threads.
    private func divide(_ program: inout espalier_tile_program) {
        guard let first = reducedAxes.first, let last = reducedAxes.last else { return }
        let outer = domain.dimensions[..<first].reduce(1, *)
        let reduced = domain.dimensions[first...last].reduce(1, *)
        let inner = domain.dimensions[(last + 1)...].reduce(1, *)
        let tile = Int(espalier_tile)
        let column = min(inner, tile)
        var chunk = reduced
        func tasks() -> Int { outer * ((inner + column - 1) / column) * ((reduced + chunk - 1) / chunk) }
        if inner == 1 {
            chunk = min(reduced, 16384)
        } else if domain.count >= 16384 {
            while tasks() < (domain.count < 1 << 20 ? 8 : 32), chunk > 8 { chunk = (chunk + 1) / 2 }
        }
        program.outer = Int64(outer)
        program.reduced = Int64(reduced)
        program.inner = Int64(inner)
        program.chunk = Int64(chunk)
        program.column = Int64(column)
    }

    /// The parts cut at the borders of tiles, and for each tile the number of pieces before it.
    private func pieces(of parts: [Range<Int>]) -> (pieces: [espalier_piece], first: [Int64]) {
        let tile = Int(espalier_tile), tiles = (domain.count + tile - 1) / tile
        var pieces = [[espalier_piece]](repeating: [], count: tiles)
        for (number, part) in parts.enumerated() {
            var start = part.lowerBound
            while start < part.upperBound {
                let index = start / tile, end = min(part.upperBound, (index + 1) * tile)
                pieces[index].append(
                    espalier_piece(
                        begin: Int32(start - index * tile), end: Int32(end - index * tile), part: Int32(number)))
                start = end
            }
        }
        let first = pieces.reduce(into: [Int64(0)]) { $0.append($0[$0.count - 1] + Int64($1.count)) }
        return (Array(pieces.joined()), first)
    }

    /// Maps slots that need scratch onto as few as possible: one is free again after its last use.
    private func mapScratch() -> (mapping: [Int], count: Int, slots: Int) {
        var lastUse: [Int: Int] = [:]
        for (index, instruction) in instructions.enumerated() {
            for slot in instruction.slots { lastUse[slot] = index }
        }
        for slot in stores.map(\.slot) + reductions.flatMap({ [Int($0.slot), Int($0.subtrahend)] }) {
            lastUse[slot] = .max
        }
        var mapping = [Int](repeating: -1, count: sources.count)
        var free: [Int] = []
        var count = 0
        func take() -> Int {
            if let slot = free.popLast() { return slot }
            count += 1
            return count - 1
        }
        // Constants stay for all tiles. The slot of a strided operand may be pointed at the operand itself, where its
        // elements are neighbours for a tile, so nothing else may ever be written through it.
        for (index, source) in sources.enumerated() {
            switch source {
            case .splat, .strided: mapping[index] = take()
            case .computed, .memory, .rows: break
            }
        }
        for (index, instruction) in instructions.enumerated() {
            let destination = Int(instruction.destination)
            if mapping[destination] < 0, case .computed = sources[destination] { mapping[destination] = take() }
            for slot in Set(instruction.slots) where lastUse[slot] == index && mapping[slot] >= 0 {
                if case .computed = sources[slot] { free.append(mapping[slot]) }
            }
        }
        var next = count
        for (index, source) in sources.enumerated() {
            switch source {
            case .memory, .rows:
                mapping[index] = next
                next += 1
            case .computed, .splat, .strided: break
            }
        }
        return (mapping, count, next)
    }
}

/// A program and what is still to be set in it: its scratch memory and that of its reductions.
struct TileProgram: ScratchUser {
    let record: UnsafeMutablePointer<espalier_tile_program>
    let reductions: UnsafeMutablePointer<espalier_reduction>

    private var chunks: Int {
        let program = record.pointee
        return program.reductions == 0 ? 1 : Int((program.reduced + program.chunk - 1) / program.chunk)
    }

    /// Floats that each reduction needs for its parts.
    private var partials: [Int] {
        let program = record.pointee, tiles = (Int(program.count) + Int(espalier_tile) - 1) / Int(espalier_tile)
        return (0..<Int(program.reductions)).map { index in
            guard reductions[index].parts == 0 else { return Int(reductions[index].first_piece[tiles]) }
            return chunks == 1 ? 0 : chunks * Int(program.outer * program.inner)
        }
    }

    func scratchElements(threads: Int) -> Int {
        let perThread = Int(espalier_tile_program_scratch(record))
        return perThread * threads + partials.reduce(0, +)
    }

    func useScratch(_ address: UnsafeMutablePointer<Float>, threads: Int) {
        record.pointee.scratch = address
        var next = address + Int(espalier_tile_program_scratch(record)) * threads
        for (index, count) in partials.enumerated() {
            reductions[index].partials = next
            next += count
        }
    }

    static let function: KernelCall.Function = { record, threads in
        espalier_tile_program_run(record.assumingMemoryBound(to: espalier_tile_program.self), threads)
        return -1
    }

    var call: KernelCall { KernelCall(function: Self.function, record: record) }
}

extension espalier_instruction {
    /// The slots that are read and written.
    fileprivate var slots: [Int] {
        [Int(operands.0), Int(operands.1), Int(operands.2), Int(operands.3), Int(destination)]
    }

    fileprivate func mapped(by mapping: [Int]) -> espalier_instruction {
        var copy = self
        copy.destination = Int32(mapping[Int(destination)])
        copy.operands = (
            Int32(mapping[Int(operands.0)]), Int32(mapping[Int(operands.1)]), Int32(mapping[Int(operands.2)]),
            Int32(mapping[Int(operands.3)])
        )
        return copy
    }
}
