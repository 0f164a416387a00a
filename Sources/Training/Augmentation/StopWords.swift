/// Words that carry grammar rather than content, which augmentation leaves alone.
public enum StopWords {
  /// English function words in lower case: the closed classes of a grammar, with the pieces that contractions leave.
  public static let english: Set<String> = Set(
    [articles, pronouns, questions, prepositions, conjunctions, auxiliaries, adverbs, quantities, pieces]
      .joined().flatMap { $0.split(separator: " ").map(String.init) })

  private static let articles = ["a an the this that these those such"]
  private static let pronouns = [
    "i me my mine myself we us our ours ourselves you your yours yourself yourselves",
    "he him his himself she her hers herself it its itself they them their theirs themselves one oneself",
    "someone somebody something anyone anybody anything everyone everybody everything nobody nothing none",
  ]
  private static let questions = ["who whom whose which what when where why how whoever whatever whichever wherever"]
  private static let prepositions = [
    "about above across after against along amid among around as at before behind below beneath beside besides between",
    "beyond by despite down during except for from in inside into like near of off on onto out outside over past per",
    "since than through throughout till to toward towards under underneath until up upon via with within without",
  ]
  private static let conjunctions = [
    "and or but nor so yet if unless because although though while whereas whether either neither both once"
  ]
  private static let auxiliaries = [
    "am is are was were be been being do does did doing done have has had having will would shall should can could may",
    "might must ought need dare let cannot",
  ]
  private static let adverbs = [
    "not no yes never ever here there then thus hence again further also too very just only even still already almost",
    "quite rather else away back",
  ]
  private static let quantities = [
    "all any some each every few little less least many more most much other others own same"
  ]
  private static let pieces = [
    "s t d m ll re ve n't nt don isn aren wasn weren hasn haven hadn doesn didn won wouldn shan shouldn couldn mightn",
    "mustn needn ain 's 't 'd 'm 'll 're 've",
  ]
}
