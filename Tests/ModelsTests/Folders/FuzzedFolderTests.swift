import Artifacts
import Foundation
import Models
import Testing

@Suite("Folders with changed bytes")
struct FuzzedFolderTests {
  @Test("a changed config.json is read or refused, and never asks for more memory than the weights fill")
  func configuration() throws {
    try withTemporaryFolder { folder in
      try TinyFolders.write(to: folder)
      let path = folder.appending("config.json")
      let original = try Files.read(path)
      var dice = Dice(404)
      for _ in 0..<300 {
        var bytes = original
        for _ in 0..<Int.random(in: 1...2, using: &dice) {
          let place = Int.random(in: 0..<bytes.count, using: &dice)
          switch Int.random(in: 0..<4, using: &dice) {
          case 0: bytes[place] = .random(in: 0...255, using: &dice)
          case 1: bytes.removeSubrange(place..<min(bytes.count, place + 3))
          default:
            // Mostly digits where digits are: other sizes, some of them huge.
            let digits = bytes.indices.filter { (0x30...0x39).contains(bytes[$0]) }
            guard let digit = digits.randomElement(using: &dice) else { continue }
            bytes.insert(contentsOf: Array("9999999".utf8).prefix(.random(in: 1...7, using: &dice)), at: digit)
          }
          if bytes.isEmpty { bytes = original }
        }
        try Files.replace(path, with: bytes, isDurable: false)
        do {
          #expect(try BertCheckpoint(folder: folder).bert.configuration.faults.isEmpty)
        } catch let error as RetortError {
          #expect(!error.message.isEmpty && error.place.file != nil)
        }
      }
    }
  }
}
