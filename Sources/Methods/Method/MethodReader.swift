import Settings

/// The sections of a config that a method reads its settings from.
public struct MethodReader {
    /// The section `model`, for settings whose default depends on the method.
    public let model: ConfigSection
    /// The section `population`.
    public let population: ConfigSection
    /// The section `update`.
    public let update: ConfigSection
    /// The section `run`.
    public let run: ConfigSection
    /// The steps of the run.
    public let steps: Int
    private let method: any Method.Type
    private let registry: MethodRegistry

    /// Takes the sections of a document, for the method that it names.
    /// - Parameters:
    ///   - document: The config.
    ///   - steps: The steps of the run.
    ///   - registry: The methods that it may name, and their rules.
    /// - Throws: `ConfigError` where it names a method that is not registered.
    public init(
        _ document: ConfigDocument, steps: Int, registry: MethodRegistry
    ) throws(ConfigError) {
        self.steps = steps
        self.registry = registry
        model = document.section("model")
        population = document.section("population")
        update = document.section("update")
        run = document.section("run")
        try Self.refuseOldForm(document)
        let names = registry.methods.map { $0.name }
        let name = try document.top.word(Self.key, of: names, default: names[0])
        method = registry.methods.first { $0.name == name } ?? registry.methods[0]
    }

    /// The key that names the method.
    public static let key = "method"

    /// The method with its settings.
    /// - Throws: `ConfigError` at the place of a value that cannot be.
    public func read() throws(ConfigError) -> any Method {
        for other in registry.methods where other.name != method.name {
            population.skip(
                other.keys.filter { !method.keys.contains($0) },
                without: "\(Self.key): \(other.name)")
        }
        return try method.init(self)
    }

    /// Refuses a config from before methods had names of their own: it named the method by what carries the noise.
    private static func refuseOldForm(_ document: ConfigDocument) throws(ConfigError) {
        let path = "population.estimator"
        guard document.holds(path) else { return }
        throw ConfigError(
            document.location(of: path), "'\(path)' is now the key '\(key)', outside the sections",
            remedy: "write '\(key): \(Eggroll.name)' for weights, or"
                + " '\(key): \(NodePerturbation.name)' for activations")
    }

    // MARK: What methods have in common

    /// Reads the size of the population, its groups and its segments.
    /// - Throws: `ConfigError` at the place of a value that cannot be.
    public func readPopulation() throws(ConfigError) -> Population {
        Population(
            size: try population.integer("size", default: nil, in: Population.sizeRange),
            groupSize: try population.integer("groupSize", default: 2, in: 1...1 << 24),
            segmentTokens: try population.integer(
                "segmentTokens", default: nil, in: Population.segmentRange))
    }

    /// The settings that ``readPopulation()`` reads, in the order of the resolved config.
    static func settings(of population: Population) -> [Method.Setting] {
        [
            ("size", "\(population.size)"), ("groupSize", "\(population.groupSize)"),
            ("segmentTokens", "\(population.segmentTokens)"),
        ]
    }

    /// Reads the update rule that the section `update` names, with its settings. Settings of the method's other rules
    /// are refused where the config is checked.
    /// - Parameter groupSize: Members that read the same text; the default rate depends on it.
    /// - Throws: `ConfigError` at the place of a value that cannot be.
    public func readRule(groupSize: Int) throws(ConfigError) -> any RuleSettings {
        let rules = registry.rules(of: method)
        let names = rules.map { $0.name }
        if let text = try update.optionalText("rule"), !names.contains(text) {
            try refuseRuleOfOthers(text)
        }
        let name = try update.word("rule", of: names, default: names[0])
        let rule = rules.first { $0.name == name } ?? rules[0]
        noteKeys(ofRulesBut: rule)
        let read = try rule.init(
            RuleReader(update: update, run: run, steps: steps, groupSize: groupSize))
        if read.schedule == nil {
            run.skip(["phases"], without: "an update.rule with a rate that falls over the run")
        }
        return read
    }

    /// Names the rules that would use a setting which has no use here: rules of this method, or else of any.
    private func noteKeys(ofRulesBut rule: any RuleSettings.Type) {
        let own = registry.rules(of: method)
        let all = registry.methods.flatMap { registry.rules(of: $0) }
        for key in Set(all.flatMap { $0.keys }).subtracting(rule.keys).sorted() {
            let users = own.filter { $0.keys.contains(key) }
            let names = (users.isEmpty ? all.filter { $0.keys.contains(key) } : users).map {
                $0.name
            }
            update.skip([key], without: "update.rule: \(names.joined(separator: " or "))")
        }
    }

    private func refuseRuleOfOthers(_ name: String) throws(ConfigError) {
        let others = registry.methods(withRule: name).map { $0.name }
        guard !others.isEmpty else { return }
        throw update.refusal(
            of: "rule",
            "'update.rule' is \(name), which cannot use the votes of \(Self.key): \(method.name)",
            remedy:
                "use \(registry.rules(of: method).map { $0.name }.joined(separator: " or ")), or"
                + " \(Self.key): \(others.joined(separator: " or "))")
    }
}
