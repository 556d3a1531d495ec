using System.Text;

namespace Weft.Proxy.Matching.Inputs;

/// <summary>envoy.matching.common_inputs.environment_variable: a variable of this process, read when configuration is loaded.</summary>
internal sealed class EnvironmentInput(string name) : MatchInput
{
    private readonly byte[]? _value = Environment.GetEnvironmentVariable(name) is { } value ? Encoding.UTF8.GetBytes(value) : null;

    public override MatchValue Read(in MatchData data) => _value is null ? MatchValue.Absent : new MatchValue(_value);

    public override string ToString() => $"environment variable {name}";
}
