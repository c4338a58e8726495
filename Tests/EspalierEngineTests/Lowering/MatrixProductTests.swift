import CKernels
import EspalierGraph
import Testing

extension EngineTests {
    /// The kernels of matrix products on their own: against a loop in `Double`, bit by bit for any number of threads,
    /// and with an eye on what lies beside the results.
    @Suite struct MatrixProductTests {
        private static let threads = [1, 2, 3, 4, 7]

        /// Sizes around those where kernels go another way: register tiles, blocks of rows, blocks of the depth.
        private static let edges = [
            1, 4, 5, 6, 7, 8, 12, 15, 16, 17, 31, 32, 33, 191, 192, 193, 255, 256, 257, 511, 512, 513,
        ]

        @Test(arguments: 0..<8)
        func smallProducts(block: Int) {
            for seed in UInt64(block) * 60..<UInt64(block + 1) * 60 {
                var random = RandomStream(seed: seed, "small products")
                Self.check(
                    (0..<Int.random(in: 1...4, using: &random)).map { _ in
                        let size = { Int.random(in: 1...70, using: &random) }
                        return RandomProduct(&random, rows: size(), columns: size(), depth: size())
                    }, "seed \(seed)")
            }
        }

        @Test(arguments: 0..<8)
        func productsAroundTheEdgesOfBlocks(block: Int) {
            for seed in UInt64(block) * 25..<UInt64(block + 1) * 25 {
                var random = RandomStream(seed: seed, "edges")
                let (rows, columns, depth) = Self.sizes(&random)
                Self.check([RandomProduct(&random, rows: rows, columns: columns, depth: depth)], "seed \(seed)")
            }
        }

        /// One to four rows take a way of their own where both operands lie along k.
        @Test(arguments: 1...5)
        func fewRows(rows: Int) {
            for seed in 0..<40 as Range<UInt64> {
                var random = RandomStream(seed: seed, "few rows", rows)
                let columns = Int.random(in: 1...300, using: &random), depth = Self.edges.randomElement(using: &random)!
                Self.check(
                    [RandomProduct(&random, rows: rows, columns: columns, depth: depth, hasFirstAlongRows: true)],
                    "seed \(seed)")
            }
        }

        @Test(arguments: 0..<6)
        func packedSecondOperand(block: Int) {
            for seed in UInt64(block) * 20..<UInt64(block + 1) * 20 {
                var random = RandomStream(seed: seed, "packed")
                let (rows, columns, depth) = Self.sizes(&random)
                var product = RandomProduct(
                    &random, rows: rows, columns: columns, depth: depth, isSecondShared: true)
                let packed = Self.pack(product.record)
                product.read(packed: packed.pointer)
                Self.check([product], "seed \(seed)")
                #expect(packed.isIntact)
            }
        }

        /// Parts that together are the whole give the bits of the whole.
        @Test(arguments: 0..<6)
        func partsOfAProduct(block: Int) {
            for seed in UInt64(block) * 20..<UInt64(block + 1) * 20 {
                var random = RandomStream(seed: seed, "parts")
                let (rows, columns, depth) = Self.sizes(&random)
                var product = RandomProduct(
                    &random, rows: rows, columns: columns, depth: depth, mostAxes: 0, hasFirstAlongRows: true)
                let packed = Self.pack(product.record)
                if Bool.random(using: &random) { product.read(packed: packed.pointer) }
                product.restore()
                Self.runParts(product.record, &random)
                #expect(product.disagreement == nil, "seed \(seed)")
                guard product.record.packed_b != nil else { continue }
                let bits = product.bits
                Self.run([product], threads: 1)
                #expect(product.bits == bits, "seed \(seed)")
            }
        }

        private static func sizes(_ random: inout RandomStream) -> (rows: Int, columns: Int, depth: Int) {
            while true {
                let sizes = (0..<3).map { _ in
                    Bool.random(using: &random)
                        ? edges.randomElement(using: &random)! : Int.random(in: 1...70, using: &random)
                }
                if sizes.reduce(1, *) <= 6_000_000 { return (sizes[0], sizes[1], sizes[2]) }
            }
        }

        /// Packs B in bands of columns, into memory of exactly the size asked for.
        private static func pack(_ record: espalier_product) -> GuardedMemory {
            let packed = GuardedMemory(Int(espalier_packed_second_elements(record.k, record.n)))
            let band = 3 * espalier_product_columns()
            withUnsafePointer(to: record) { record in
                for begin in stride(from: 0, to: record.pointee.n, by: Int(band)) {
                    espalier_pack_second(record, begin, min(begin + band, record.pointee.n), packed.pointer)
                }
            }
            return packed
        }

        private static func runParts(_ record: espalier_product, _ random: inout RandomStream) {
            let scratch = GuardedMemory(Int(espalier_product_part_scratch()))
            let band = espalier_product_columns() * Int64.random(in: 1...3, using: &random)
            let height = Int64.random(in: 1...record.m, using: &random)
            withUnsafePointer(to: record) { record in
                for row in stride(from: 0, to: record.pointee.m, by: Int(height)) {
                    for column in stride(from: 0, to: record.pointee.n, by: Int(band)) {
                        espalier_run_product_part(
                            record, row, min(row + height, record.pointee.m), column,
                            min(column + band, record.pointee.n), scratch.pointer)
                    }
                }
            }
            #expect(scratch.isIntact)
        }

        /// Runs products side by side, with scratch memory of exactly the size asked for.
        private static func run(_ products: [RandomProduct], threads: Int) {
            for product in products { product.restore() }
            let records = products.map(\.record), count = Int64(records.count)
            let scratch = GuardedMemory(Int(espalier_products_scratch(records, count, Int32(threads))))
            espalier_run_products(records, count, scratch.pointer, Int32(threads))
            #expect(scratch.isIntact, "\(threads) threads")
        }

        private static func check(_ products: [RandomProduct], _ name: String) {
            run(products, threads: 1)
            for product in products {
                let problem = product.disagreement
                #expect(problem == nil, "\(name)")
            }
            let bits = products.map(\.bits)
            for threads in threads.dropFirst() {
                run(products, threads: threads)
                #expect(products.map(\.bits) == bits, "\(name) on \(threads) threads")
            }
        }
    }
}
