using Envoy.Config.Route.V3;
using Google.Protobuf.Collections;
using Weft.Base.Buffers;
using Weft.Proxy.Bootstrap;
using ActionCase = Envoy.Config.Route.V3.RateLimit.Types.Action.ActionSpecifierOneofCase;
using ActionMessage = Envoy.Config.Route.V3.RateLimit.Types.Action;
using HeaderMatcher = Weft.Proxy.Routing.Matching.HeaderMatcher;
using MetadataKey = Envoy.Type.Metadata.V3.MetadataKey;
using QueryParameterMatcher = Weft.Proxy.Routing.Matching.QueryParameterMatcher;

namespace Weft.Proxy.Routing.RateLimits;

/// <summary>The rate_limits of a route or virtual host: which descriptors a request has. Immutable; any thread.</summary>
internal sealed class RateLimitPolicy
{
    public static readonly RateLimitPolicy None = new([]);

    private readonly Entry[] _entries;

    private RateLimitPolicy(Entry[] entries) => _entries = entries;

    private sealed record Entry(uint Stage, string DisableKey, RateLimitAction[] Actions);

    public int Count => _entries.Length;

    public static RateLimitPolicy Create(RepeatedField<RateLimit> limits, FactoryContext context)
    {
        if (limits.Count == 0) return None;
        return new RateLimitPolicy([.. limits.Select(limit => new Entry(
            limit.Stage ?? 0,
            limit.DisableKey,
            [.. limit.Actions.Select(action => Compile(action, context)).OfType<RateLimitAction>()]))]);
    }

    /// <summary>Writes the descriptor at <paramref name="index"/>; false when the request has none there.</summary>
    /// <param name="stage">Only limits of this stage count.</param>
    /// <param name="output">Is cleared first.</param>
    public bool TryWrite(int index, uint stage, in RateLimitContext context, ByteWriter output)
    {
        var entry = _entries[index];
        output.Clear();
        // A key that could disable it is not looked at by a local limit: such a limit is for a service.
        if (entry.Stage != stage || entry.DisableKey.Length > 0) return false;
        foreach (var action in entry.Actions)
        {
            if (!action.TryWrite(context, output)) return false;
        }

        return output.Length > 0;
    }

    /// <summary>For a person: what each entry gives the request.</summary>
    public IEnumerable<string> Describe(in RateLimitContext context)
    {
        var (lines, output) = (new List<string>(), new ByteWriter());
        foreach (var entry in _entries)
        {
            output.Clear();
            var isWritten = true;
            foreach (var action in entry.Actions) isWritten = isWritten && action.TryWrite(context, output);
            var text = isWritten && output.Length > 0 ? RateLimitDescriptor.Describe(output.Written) : "no descriptor: an action finds nothing in the request";
            lines.Add($"stage {entry.Stage}: {text}{(entry.DisableKey.Length > 0 ? $" (disable_key {entry.DisableKey})" : "")}");
        }

        return lines;
    }

    private static RateLimitAction? Compile(ActionMessage action, FactoryContext context)
    {
        switch (action.ActionSpecifierCase)
        {
            case ActionCase.SourceCluster:
                return new RateLimitAction.Constant("source_cluster", context.Node.Cluster);
            case ActionCase.DestinationCluster:
                return new RateLimitAction.DestinationCluster();
            case ActionCase.RequestHeaders:
                return new RateLimitAction.RequestHeader(action.RequestHeaders.HeaderName, action.RequestHeaders.DescriptorKey, action.RequestHeaders.SkipIfAbsent);
            case ActionCase.RemoteAddress:
                return new RateLimitAction.RemoteAddress(null);
            case ActionCase.MaskedRemoteAddress:
                return new RateLimitAction.RemoteAddress(((int)(action.MaskedRemoteAddress.V4PrefixMaskLen ?? 32), (int)(action.MaskedRemoteAddress.V6PrefixMaskLen ?? 128)));
            case ActionCase.GenericKey:
                return new RateLimitAction.Constant(Or(action.GenericKey.DescriptorKey, "generic_key"), action.GenericKey.DescriptorValue);
            case ActionCase.HeaderValueMatch:
                var header = action.HeaderValueMatch;
                return new RateLimitAction.HeaderValueMatch(
                    Or(header.DescriptorKey, "header_match"), header.DescriptorValue, header.ExpectMatch ?? true, HeaderMatcher.Create(header.Headers, context.Config));
            case ActionCase.QueryParameterValueMatch:
                var query = action.QueryParameterValueMatch;
                return new RateLimitAction.QueryParameterValueMatch(
                    Or(query.DescriptorKey, "query_match"), query.DescriptorValue, query.ExpectMatch ?? true, QueryParameterMatcher.Create(query.QueryParameters, context.Config));
            case ActionCase.Metadata:
                return Metadata(action.Metadata.DescriptorKey, action.Metadata.MetadataKey, action.Metadata.DefaultValue, action.Metadata.SkipIfAbsent);
            default:
                context.Config.Error(action, null, $"not implemented: rate limit action {action.ActionSpecifierCase}");
                return null;
        }
    }

    private static RateLimitAction.DynamicMetadataText Metadata(string key, MetadataKey? from, string defaultValue, bool skipIfAbsent)
        => new(key, from?.Key ?? "", [.. (from?.Path ?? []).Select(static segment => segment.Key)], defaultValue, skipIfAbsent);

    private static string Or(string configured, string standard) => configured.Length > 0 ? configured : standard;
}
