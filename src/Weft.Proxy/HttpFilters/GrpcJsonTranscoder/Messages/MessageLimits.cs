namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Messages;

/// <summary>What a message may cost.</summary>
internal static class MessageLimits
{
    /// <summary>Messages within messages, and JSON within JSON; protobuf's own limit for JSON.</summary>
    public const int MaxDepth = 64;
}
