import Testing

@testable import Training

/// Weights that change over a phase, and temperatures that differ between examples.
struct ScheduleTests {
  @Test func weights() {
    #expect(abs(WeightSchedule.sigmoidRamp(steps: 80).factor(step: 0, of: 100) - 0.0067379470) < 1e-10)
    #expect(abs(WeightSchedule.sigmoidRamp(steps: 80).factor(step: 40, of: 100) - 0.2865047969) < 1e-10)
    #expect(WeightSchedule.sigmoidRamp(steps: 80).factor(step: 80, of: 100) == 1)
    #expect(WeightSchedule.sigmoidRamp(steps: 80).factor(step: 99, of: 100) == 1)
    #expect(WeightSchedule.linearDecay.factor(step: 25, of: 100) == 0.75)
    #expect(WeightSchedule.linearGrowth.factor(step: 25, of: 100) == 0.25)
    #expect((0..<5).map { WeightSchedule.gate(from: 1, to: 3).factor(step: $0, of: 5) } == [0, 1, 1, 0, 0])
    #expect(WeightSchedule.constant.factor(step: 7, of: 9) == 1)
  }

  @Test func equalExamplesHaveTheBaseTemperature() {
    let student: [Float] = [1, 0, 1, 0]
    let teacher: [Float] = [1, 1, 1, 1]
    for dynamics in [TemperatureDynamics.fixed, .byAgreement(beta: 3), .byConfidence(beta: 3)] {
      #expect(dynamics.temperatures(student: student, teacher: teacher, classes: 2, base: 4) == [4, 4])
    }
  }

  @Test func hardExamplesAreCooler() {
    // 1 − cos([1, 0], [1, 1]) = 0.2928932188, and 0 for the second example.
    let found = TemperatureDynamics.byAgreement().temperatures(
      student: [1, 0, 1, 1], teacher: [1, 1, 1, 1], classes: 2, base: 4)
    #expect(abs(found[0] - (4 - 0.2928932188 / 2)) < 1e-9)
    #expect(abs(found[1] - (4 + 0.2928932188 / 2)) < 1e-9)
    // A large beta would drive it below 0.
    let least = TemperatureDynamics.byAgreement(beta: 1e6).temperatures(
      student: [1, 0, 1, 1], teacher: [1, 1, 1, 1], classes: 2, base: 4)
    #expect(least[0] == 0.01)
    // Largest probabilities 0.5 and σ(2) = 0.8807970780.
    let sure = TemperatureDynamics.byConfidence().temperatures(
      student: [0, 0, 2, 0], teacher: [0, 0, 0, 0], classes: 2, base: 4)
    let (first, second) = (1 / 0.501, 1 / 0.8817970780)
    #expect(abs(sure[0] - (4 + (second - first) / 2)) < 1e-6)
  }

  @Test func correctingTheTeacherExchangesTwoLogits() {
    var targets = OutputTargets(labels: [0, 1, -100], teacher: [1, 3, 2, 0, 5, 1, 4, 1, 1])
    targets.correctTeacher(classes: 3)
    #expect(targets.teacher == [3, 1, 2, 0, 5, 1, 4, 1, 1])
    let once = targets.teacher
    targets.correctTeacher(classes: 3)
    #expect(targets.teacher == once)
  }
}
