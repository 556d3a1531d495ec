using Weft.Base.Buffers;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>The endpoint that a filter wants a request to go to (a session stays with its server), before any balancing. Pooled with the stream; one worker.</summary>
public sealed class OverrideHost
{
    private readonly ByteWriter _address = new(0);

    /// <summary>There is a wish.</summary>
    public bool IsSet { get; private set; }

    /// <summary>When the endpoint cannot be used the request fails; false: another one serves.</summary>
    public bool IsStrict { get; private set; }

    /// <summary>The endpoint's address as text.</summary>
    public ReadOnlySpan<byte> Address => _address.Written;

    public void Set(ReadOnlySpan<byte> address, bool isStrict)
    {
        _address.Clear();
        _address.Write(address);
        (IsSet, IsStrict) = (true, isStrict);
    }

    public void Clear() => IsSet = false;
}
