using Weft.Net;

namespace Weft.Proxy.Dns.Cache;

/// <summary>A name with its port in a <see cref="DnsCache"/>, as its users see it. Any thread.</summary>
internal sealed class CachedHost(string key)
{
    private CachedAnswer? _answer;
    private bool _isKnown;
    private bool _wasUsed;

    public string Key { get; } = key;

    /// <summary>What is known of it; null until the first look-up has ended.</summary>
    public CachedAnswer? Answer
    {
        get => Volatile.Read(ref _answer);
        internal set => Volatile.Write(ref _answer, value);
    }

    /// <summary>The first look-up has ended, and clusters have an endpoint for what it found: who asks now need not wait.</summary>
    public bool IsKnown
    {
        get => Volatile.Read(ref _isKnown);
        internal set => Volatile.Write(ref _isKnown, value);
    }

    /// <summary>A request went there since its last refresh.</summary>
    public bool WasUsed
    {
        get => Volatile.Read(ref _wasUsed);
        set => Volatile.Write(ref _wasUsed, value);
    }

    /// <summary>The cache has forgotten it. Main thread.</summary>
    public bool IsRemoved { get; internal set; }
}

/// <summary>What the look-ups of a name have found. Immutable.</summary>
/// <param name="Addresses">With the port; empty when there never was one. An answer without addresses does not take away those of an earlier one.</param>
/// <param name="Details">Response code details of requests that fail for want of an address.</param>
internal sealed record CachedAnswer(NetAddress[] Addresses, string Details);
