/// A dataset divided into what is trained on, what is chosen by, and what is only looked at once.
public struct DataSplit: Sendable {
    public internal(set) var train: Dataset
    public internal(set) var validation: Dataset?
    public internal(set) var test: Dataset?

    public init(train: Dataset, validation: Dataset? = nil, test: Dataset? = nil) {
        self.train = train
        self.validation = validation
        self.test = test
    }
}
