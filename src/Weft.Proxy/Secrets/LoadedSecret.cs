using Envoy.Extensions.TransportSockets.Tls.V3;

namespace Weft.Proxy.Secrets;

/// <summary>A secret that is discovered, for <c>/config_dump</c>. Main thread.</summary>
/// <param name="Name">Its name.</param>
internal sealed record LoadedSecret(string Name)
{
    /// <summary>Null as long as none has come.</summary>
    public Secret? Secret { get; set; }

    /// <summary>Of the resource; <c>uninitialized</c> as long as none has come.</summary>
    public string Version { get; set; } = "uninitialized";

    public DateTimeOffset UpdatedAt { get; set; } = DateTimeOffset.UtcNow;
}
