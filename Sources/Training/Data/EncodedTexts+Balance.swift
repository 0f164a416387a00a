extension EncodedTexts {
  /// The texts of a batch in an order in which it can be cut into `shards` runs of nearly the same number of tokens.
  ///
  /// All threads wait for the one with the longest shard. The order depends on the lengths alone; inside a run texts keep
  /// theirs. A whole batch keeps its order.
  func balanced(_ batch: [Int], over shards: Int) -> [Int] {
    guard shards > 1, batch.count > shards else { return batch }
    let longestFirst = batch.indices.sorted { (-ids[batch[$0]].count, $0) < (-ids[batch[$1]].count, $1) }
    var totals = [Int](repeating: 0, count: shards)
    var runs = [[Int]](repeating: [], count: shards)
    for place in longestFirst {
      let shortest = totals.indices.min { (totals[$0], $0) < (totals[$1], $1) } ?? 0
      totals[shortest] += ids[batch[place]].count
      runs[shortest].append(place)
    }
    return runs.flatMap { $0.sorted().map { batch[$0] } }
  }
}
