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
    private var reducedAxes: [Int] = []
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
        // Written by the instruction itself where nothing later reads what lay there; else by a copy at the end.
        let definition = instructions.firstIndex { Int($0.destination) == slot }
        if let definition, case .computed = sources[slot] {
            let previous = [known[.memory(address)], known[.rows(address)]].compactMap { $0 }
            let isReadLater = instructions[(definition + 1)...].contains { instruction in
                previous.contains { instruction.slots.contains($0) }
            }
            if !isReadLater {
                sources[slot] = memory
                return
            }
        }
        let result = emit(espalier_copy, [slot]) { $0.by_row = byRow ? 1 : 0 }
        sources[result] = memory
    }

    /// Writes the slot by strides along the axes of the domain.
    mutating func store(_ slot: Int, to address: UnsafeMutablePointer<Float>, strides: [Int]) {
        stores.append((slot, address, strides))
    }

    /// Reduces the slot over `axes`, which are neighbours, into contiguous memory.
    ///
    /// Reductions read after all instructions. `overwritten` holds the addresses that instructions write to: what lies
    /// there is copied first.
    mutating func reduce(
        _ slot: Int, _ operation: Reduce.Operation, axes: [Int], to address: UnsafeMutablePointer<Float>,
        overwritten: Set<UnsafeMutablePointer<Float>>
    ) {
        var slot = slot
        if case .memory(let source) = sources[slot], overwritten.contains(source) { slot = emit(espalier_copy, [slot]) }
        var reduction = espalier_reduction()
        reduction.slot = Int32(slot)
        reduction.operation = Int32(
            bitPattern: [.sum: espalier_reduce_sum, .maximum: espalier_reduce_maximum][operation]?.rawValue
                ?? espalier_reduce_minimum.rawValue)
        reduction.result = address
        reductions.append(reduction)
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
        let (extents, strided) = collapsed()
        program.rank = Int32(extents.count)
        withUnsafeMutableBytes(of: &program.extents) { bytes in
            for (axis, extent) in extents.enumerated() {
                bytes.storeBytes(of: Int64(extent), toByteOffset: axis * 8, as: Int64.self)
            }
        }
        program.slots = Int32(scratch.slots)
        program.scratches = Int32(scratch.count)
        precondition(scratch.slots <= Int(espalier_max_slots), "a tile program of \(scratch.slots) slots")

        var constants: [espalier_operand] = [], loads: [espalier_operand] = [], contiguous: [espalier_operand] = []
        for (index, source) in sources.enumerated() {
            let slot = scratch.mapping[index]
            switch source {
            case .computed: break
            case .memory(let address): contiguous.append(operand(slot, espalier_contiguous, address))
            case .rows(let address):
                contiguous.append(operand(slot, espalier_contiguous, address))
                contiguous[contiguous.count - 1].by_row = 1
            case .splat(let address): constants.append(operand(slot, espalier_splat, address))
            case .strided(let address, _): loads.append(operand(slot, espalier_strided, address, strided[index]!))
            }
        }
        let scattered = stores.enumerated().map { index, store in
            operand(scratch.mapping[store.slot], espalier_strided, store.address, strided[sources.count + index]!)
        }
        let mapped = instructions.map { $0.mapped(by: scratch.mapping) }
        for index in reductions.indices { reductions[index].slot = Int32(scratch.mapping[Int(reductions[index].slot)]) }
        program.constants = Int32(constants.count)
        program.constant = UnsafePointer(records.store(constants))
        program.loads = Int32(loads.count)
        program.load = UnsafePointer(records.store(loads))
        program.contiguous = Int32(contiguous.count)
        program.contiguous_slot = UnsafePointer(records.store(contiguous))
        program.instructions = Int32(mapped.count)
        program.instruction = UnsafePointer(records.store(mapped))
        program.stores = Int32(scattered.count)
        program.store = UnsafePointer(records.store(scattered))
        program.reductions = Int32(reductions.count)
        let reductionRecords = records.store(reductions)
        program.reduction = UnsafePointer(reductionRecords)
        divide(&program)
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

    /// The domain with neighbouring axes joined where every strided operand allows, and those operands' strides.
    ///
    /// Operands are numbered as the slots are, stores after them.
    private func collapsed() -> (extents: [Int], strides: [Int: [Int]]) {
        var strided: [Int: [Int]] = [:]
        for (index, source) in sources.enumerated() {
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
            while tasks() < 8, chunk > 8 { chunk = (chunk + 1) / 2 }
        }
        program.outer = Int64(outer)
        program.reduced = Int64(reduced)
        program.inner = Int64(inner)
        program.chunk = Int64(chunk)
        program.column = Int64(column)
    }

    /// Maps slots that need scratch onto as few as possible: one is free again after its last use.
    private func mapScratch() -> (mapping: [Int], count: Int, slots: Int) {
        var lastUse: [Int: Int] = [:]
        for (index, instruction) in instructions.enumerated() {
            for slot in instruction.slots { lastUse[slot] = index }
        }
        for slot in stores.map(\.slot) + reductions.map({ Int($0.slot) }) { lastUse[slot] = .max }
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

    private var partials: Int {
        chunks == 1 ? 0 : chunks * Int(record.pointee.outer * record.pointee.inner)
    }

    func scratchElements(threads: Int) -> Int {
        let perThread = Int(espalier_tile_program_scratch(record))
        return perThread * threads + partials * Int(record.pointee.reductions)
    }

    func useScratch(_ address: UnsafeMutablePointer<Float>, threads: Int) {
        record.pointee.scratch = address
        let perThread = Int(espalier_tile_program_scratch(record))
        for index in 0..<Int(record.pointee.reductions) {
            reductions[index].partials = address + perThread * threads + partials * index
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
