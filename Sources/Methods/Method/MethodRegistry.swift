/// The methods that a config may name, and the rules of each.
public struct MethodRegistry: Sendable {
    /// The methods in order; a config that names none has the first.
    public private(set) var methods: [any Method.Type]
    /// The rules that were added to a method, by its name.
    private var addedRules: [String: [any RuleSettings.Type]] = [:]

    /// The methods of this package.
    public static let standard = MethodRegistry([Eggroll.self, NodePerturbation.self])

    /// Makes a registry of one or more methods, of which the first is the default.
    init(_ methods: [any Method.Type]) { self.methods = methods }

    /// This registry with another method.
    public func adding(_ method: any Method.Type) -> MethodRegistry {
        var registry = self
        registry.methods.append(method)
        return registry
    }

    /// This registry with another rule for a method.
    public func adding(_ rule: any RuleSettings.Type, to method: any Method.Type) -> MethodRegistry
    {
        var registry = self
        registry.addedRules[method.name, default: []].append(rule)
        return registry
    }

    /// The rules of a method, the default first.
    public func rules(of method: any Method.Type) -> [any RuleSettings.Type] {
        method.rules + addedRules[method.name, default: []]
    }

    /// The methods that have a rule of this name.
    func methods(withRule name: String) -> [any Method.Type] {
        methods.filter { method in rules(of: method).contains { $0.name == name } }
    }
}
