using System.Text;
using Envoy.Config.Route.V3;
using Weft.Config;
using Weft.Http;
using BuilderMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.ScopedRoutes.Types.ScopeKeyBuilder;
using ExtractCase = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.ScopedRoutes.Types.ScopeKeyBuilder.Types.FragmentBuilder.Types.HeaderValueExtractor.ExtractTypeOneofCase;

namespace Weft.Proxy.Routing.Scopes;

/// <summary>scope_key_builder: makes the key of a request's scope from its headers. Immutable; any thread.</summary>
internal sealed class ScopeKeyBuilder
{
    private readonly ScopeKeyFragment[] _fragments;

    private ScopeKeyBuilder(ScopeKeyFragment[] fragments) => _fragments = fragments;

    /// <summary>Compiles; faults are reported in the context.</summary>
    public static ScopeKeyBuilder Create(BuilderMessage? config, ConfigContext context)
    {
        var fragments = new List<ScopeKeyFragment>();
        foreach (var fragment in config?.Fragments ?? [])
        {
            if (fragment.HeaderValueExtractor is not { } extractor)
                continue;
            if (extractor.ExtractTypeCase == ExtractCase.None)
                context.Error(extractor, null, "HeaderValueExtractor extract_type not set.");
            else if (extractor.ExtractTypeCase == ExtractCase.Index && extractor.Index != 0 && extractor.ElementSeparator.Length == 0)
                context.Error(extractor, "index", "Index > 0 for empty string element separator.");
            fragments.Add(new ScopeKeyFragment(extractor));
        }

        return new ScopeKeyBuilder([.. fragments]);
    }

    /// <summary>The key of a configured scope.</summary>
    public static byte[] KeyOf(ScopedRouteConfiguration scope)
    {
        var fragments = (scope.Key?.Fragments ?? []).Select(static fragment => Encoding.UTF8.GetBytes(fragment.StringKey)).ToArray();
        var key = new byte[fragments.Sum(static fragment => ScopeKeyWriter.SizeOf(fragment.Length))];
        var writer = new ScopeKeyWriter(key);
        foreach (var fragment in fragments)
            writer.TryAdd(fragment);
        return key;
    }

    /// <summary>The key of a request's scope, written to the buffer; empty when a fragment is missing or there is no room. No allocation.</summary>
    public ReadOnlySpan<byte> Build(HeaderMap headers, Span<byte> buffer)
    {
        var writer = new ScopeKeyWriter(buffer);
        foreach (var fragment in _fragments)
        {
            if (!fragment.TryExtract(headers, out var value) || !writer.TryAdd(value))
                return [];
        }

        return buffer[..writer.Length];
    }
}
