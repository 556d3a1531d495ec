using Envoy.Config.Core.V3;
using Google.Protobuf;

namespace Weft.Proxy.TransportSockets.ProxyProtocol;

/// <summary>Values that a PROXY header is given here: those of an endpoint, then those of the transport socket; of each type the first. Immutable; any thread.</summary>
internal sealed class AddedTlvs
{
    /// <summary>Where the metadata of an endpoint has its own, as a PerHostConfig.</summary>
    private const string MetadataKey = "envoy.transport_sockets.proxy_protocol";

    public static readonly AddedTlvs None = new([]);

    private AddedTlvs(IReadOnlyList<(byte Type, byte[] Value)> values) => Values = values;

    public IReadOnlyList<(byte Type, byte[] Value)> Values { get; }

    public static AddedTlvs Of(IEnumerable<TlvEntry> entries) => None.Behind(entries);

    /// <summary>These, behind those that the metadata of an endpoint brings. Allocates only where it brings some.</summary>
    public AddedTlvs For(Metadata? endpoint) =>
        endpoint is not null && endpoint.TypedFilterMetadata.TryGetValue(MetadataKey, out var any) && any.Is(PerHostConfig.Descriptor) ? Behind(Read(any.Value)) : this;

    /// <summary>What cannot be read counts as nothing.</summary>
    private static IEnumerable<TlvEntry> Read(ByteString config)
    {
        try
        {
            return PerHostConfig.Parser.ParseFrom(config).AddedTlvs;
        }
        catch (InvalidProtocolBufferException)
        {
            return [];
        }
    }

    private AddedTlvs Behind(IEnumerable<TlvEntry> entries)
    {
        var values = new List<(byte Type, byte[] Value)>();
        foreach (var (type, value) in entries.Select(static entry => ((byte)entry.Type, entry.Value.ToByteArray())).Concat(Values))
        {
            if (!values.Exists(known => known.Type == type)) values.Add((type, value));
        }

        return values.Count == 0 ? None : new AddedTlvs(values);
    }
}
