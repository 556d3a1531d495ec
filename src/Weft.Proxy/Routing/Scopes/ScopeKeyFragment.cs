using System.Text;
using Weft.Http;
using ExtractorMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.ScopedRoutes.Types.ScopeKeyBuilder.Types.FragmentBuilder.Types.HeaderValueExtractor;

namespace Weft.Proxy.Routing.Scopes;

/// <summary>Takes one fragment of a scope's key out of a request header (header_value_extractor). Immutable; any thread.</summary>
internal sealed class ScopeKeyFragment
{
    private readonly HeaderName _header;
    private readonly byte[] _elementSeparator;
    private readonly byte[]? _key;
    private readonly byte[] _keySeparator;
    private readonly uint _index;

    public ScopeKeyFragment(ExtractorMessage config)
    {
        _header = new HeaderName(config.Name);
        _elementSeparator = Encoding.UTF8.GetBytes(config.ElementSeparator);
        _key = config.Element is { } element ? Encoding.UTF8.GetBytes(element.Key) : null;
        _keySeparator = Encoding.UTF8.GetBytes(config.Element?.Separator ?? "");
        _index = config.Index;
    }

    /// <summary>False when the request has none. An untrusted header: only its first value counts. No allocation.</summary>
    public bool TryExtract(HeaderMap headers, out ReadOnlySpan<byte> fragment)
    {
        if (!headers.TryGet(_header, out var rest))
        {
            fragment = default;
            return false;
        }

        for (uint i = 0; ; i++)
        {
            var end = _elementSeparator.Length == 0 ? -1 : rest.IndexOf(_elementSeparator);
            var element = end < 0 ? rest : rest[..end];
            if (_key is null ? i == _index : IsElement(element))
            {
                fragment = _key is null ? element : ValueOf(element);
                return true;
            }

            if (end < 0)
                break;
            rest = rest[(end + _elementSeparator.Length)..];
        }

        fragment = default;
        return false;
    }

    private bool IsElement(ReadOnlySpan<byte> element)
    {
        var separator = element.IndexOf(_keySeparator);
        return (separator < 0 ? element : element[..separator]).SequenceEqual(_key);
    }

    /// <summary>What stands behind the first separator; nothing when there is none.</summary>
    private ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> element)
    {
        var separator = element.IndexOf(_keySeparator);
        return separator < 0 ? [] : element[(separator + _keySeparator.Length)..];
    }
}
