using Google.Protobuf;
using HttpFilterMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpFilter;

namespace Weft.Proxy.HttpFilters;

/// <summary>A chain of filters as it is written.</summary>
/// <param name="Filters">In the order of travel.</param>
/// <param name="At">Has them in its field <paramref name="Field"/>, where faults are reported.</param>
/// <param name="Field">The field's name.</param>
/// <param name="Kind">What Envoy calls such a chain.</param>
internal sealed record HttpFilterChain(IReadOnlyList<HttpFilterMessage> Filters, IMessage At, string Field, string Kind);
