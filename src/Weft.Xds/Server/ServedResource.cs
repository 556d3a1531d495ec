using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Hashing;

namespace Weft.Xds.Server;

/// <summary>One resource as it is sent. Immutable.</summary>
/// <param name="Name">Unique among those of its type.</param>
/// <param name="Version">That of its type when it came to be as it is.</param>
/// <param name="Body">The resource.</param>
public sealed record ServedResource(string Name, string Version, Any Body)
{
    /// <summary>
    /// The version of incremental discovery, a number that depends on nothing but the content: what a client has of another server, or of this one before
    /// it was started again, must not be taken for what is served now.
    /// </summary>
    public string ContentVersion { get; } = XxHash64.Hash(Body.Value.Span).ToString(CultureInfo.InvariantCulture);
}
