using Google.Protobuf.WellKnownTypes;
using Weft.Proxy.Streams;

namespace Weft.Proxy.TransportSockets.InternalUpstream;

/// <summary>What a connection to an internal listener brings along: metadata of where it goes, and what filters share with upstreams. Immutable.</summary>
/// <param name="Metadata">By namespace.</param>
/// <param name="State">Null: nothing is shared.</param>
internal sealed record PassedState(IReadOnlyList<KeyValuePair<string, Struct>> Metadata, SharedFilterState? State)
{
    /// <summary>The text at a key of a namespace; null when there is none.</summary>
    public string? TextAt(string @namespace, string key)
    {
        foreach (var (name, fields) in Metadata)
        {
            if (name == @namespace && fields.Fields.TryGetValue(key, out var value) && value.KindCase == Value.KindOneofCase.StringValue)
                return value.StringValue;
        }

        return null;
    }

    /// <summary>Writes it all down for the connection that it came with.</summary>
    public void ApplyTo(StreamInfo info)
    {
        foreach (var (name, fields) in Metadata)
            info.DynamicMetadata.Replace(name, fields);
        State?.ApplyTo(info.FilterState);
    }
}
