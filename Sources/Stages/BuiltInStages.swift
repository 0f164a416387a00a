import Declaring
import Training

/// The stages of Retort itself, each for every kind that it serves: with them a recorded recipe can be carried out without
/// the pipeline that declared it.
public enum BuiltInStages {
  /// Several may have one id, and differ in their kinds alone.
  public static var types: [any Stage.Type] {
    let plain: [any Stage.Type] = [
      ImportText.self, SampleReviews.self, SampleSentences.self, ImportBEIR.self, TrainVocabulary.self, Pretrain.self,
      PretrainDistill.self, Evaluate.self, Benchmark.self, Compare.self, Contrast.self, TaskText<AnyTask>.self,
    ]
    return plain + of(Classification.self) + of(Regression.self) + of(Tagging.self) + of(Ranking.self)
      + of(EncoderOnly.self) + of(MaskedLM.self) + of(Classifier.self) + of(Regressor.self) + of(Tagger.self)
      + of(Ranker.self)
  }

  private static func of<Kind: LearnableTask>(_ kind: Kind.Type) -> [any Stage.Type] {
    [
      ImportTaskData<Kind>.self, TaskText<Kind>.self, Augment<TaskData<Kind>>.self, Augment<TaskSplits<Kind>>.self,
      FineTune<Kind>.self, TaskDistill<Kind>.self, Prune<Kind>.self, Best<Kind>.self,
      Search<Kind, FineTune<Kind>>.self, Search<Kind, TaskDistill<Kind>>.self, Search<Kind, Prune<Kind>>.self,
    ]
  }

  private static func of<Kind: CheckpointKind>(_ kind: Kind.Type) -> [any Stage.Type] {
    [ImportCheckpoint<Kind>.self, Quantize<Kind>.self, PruneVocabulary<Kind>.self, Export<Kind>.self]
  }

  /// What stages of Retort may have read of a folder of the user's, which a recipe knows by its digest alone.
  public static func sources(at folder: FilePath) -> [SourceDeclaration] {
    [CheckpointFolder.source(folder.string).declaration]
  }
}
