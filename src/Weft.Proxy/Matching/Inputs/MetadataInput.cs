using Envoy.Extensions.Matching.CommonInputs.Network.V3;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Matching.Inputs;

/// <summary>DynamicMetadataInput: a value that a filter has attached to the request, of any type.</summary>
internal sealed class MetadataInput(DynamicMetadataInput config) : MatchInput
{
    public const string Type = "dynamic_metadata";

    private readonly string[] _path = [.. config.Path.Select(static segment => segment.Key)];
    private readonly string _namespace = config.Filter;

    public override string DataType => Type;

    public override MatchValue Read(in MatchData data) => new([]);

    /// <summary>Of kind None when there is none.</summary>
    public MetadataValue Find(in MatchData data) => data.Info is { } info ? info.DynamicMetadata.Find(_namespace, _path) : default;

    public override string ToString() => $"dynamic metadata {_namespace}:{string.Join(':', _path)}";
}
