import Artifacts

extension LineageBundle {
  /// The records: everything but the contents.
  var records: [UInt8] {
    var out = ByteWriter()
    out.write(UInt32(members.count))
    for member in members {
      out.write(member.label)
      out.write(member.recipe.bytes)
      out.write(member.details)
      out.write(UInt32(member.inputs.count))
      for input in member.inputs {
        out.write(input.digest)
        out.write(UInt32(input.member))
      }
      out.write(member.outputs)
    }
    out.write(UInt32(pieces.count))
    for piece in pieces {
      out.write(piece.digest)
      out.write(piece.content.form.rawValue)
      out.write(Int64(piece.content.bytes))
      out.write(piece.content.form == .folder ? piece.content.data : [])
    }
    return out.bytes
  }

  /// Reads records of any origin: it throws, but never traps, and takes memory in proportion to them alone.
  init(records: [UInt8]) throws {
    do {
      self = try records.withUnsafeBytes { raw in
        var reader = ByteReader(raw)
        let members = try (0..<(try reader.readCount(of: 80))).map { _ in try Member(&reader) }
        let pieces = try (0..<(try reader.readCount(of: Digest.byteCount + 13))).map { _ in try Piece(&reader) }
        guard reader.isAtEnd else { throw ByteReader.damage }
        return LineageBundle(members: members, pieces: pieces)
      }
    } catch let error as RetortError where error.code == "cache.damaged" {
      throw RetortError.badBundle("its records make no sense")
    }
    // One form for each content: texts that are not UTF-8, names that come twice and the like do not pass.
    guard self.records == records else { throw RetortError.badBundle("its records are not in their canonical form") }
  }
}

extension LineageBundle.Member {
  fileprivate init(_ reader: inout ByteReader) throws {
    label = try reader.readText()
    recipe = Recipe(bytes: try reader.readBlob())
    details = try reader.readDetails()
    inputs = try (0..<(try reader.readCount(of: Digest.byteCount + 4))).map { _ in
      Input(digest: try reader.readDigest(), member: Int(try reader.read(UInt32.self)))
    }
    outputs = try reader.readOutputs { try Facts(encoded: $0) }
  }
}

extension LineageBundle.Piece {
  fileprivate init(_ reader: inout ByteReader) throws {
    digest = try reader.readDigest()
    guard let form = ContentForm(rawValue: try reader.read()) else { throw ByteReader.damage }
    content = StoredContent(form: form, bytes: Int(try reader.read(Int64.self)), data: try reader.readBlob())
  }
}
