import Testing
import Training

struct BatchOrderTests {
  @Test func everyEpochSeesEveryExampleOnce() {
    let order = BatchOrder(examples: 103, batchSize: 10, seed: 4)
    #expect(order.stepsPerEpoch == 11)
    var epochs: [[Int]] = []
    for epoch in 0..<3 {
      let permutation = order.permutation(epoch: epoch)
      let seen = (0..<order.stepsPerEpoch).flatMap { Array(permutation[order.range(ofStep: $0)]) }
      #expect(seen.sorted() == Array(0..<103))
      epochs.append(seen)
    }
    #expect(Set(epochs).count == 3)
    #expect(BatchOrder(examples: 103, batchSize: 10, seed: 4).permutation(epoch: 1) == epochs[1])
    #expect(BatchOrder(examples: 103, batchSize: 10, seed: 5).permutation(epoch: 1) != epochs[1])
  }
}
