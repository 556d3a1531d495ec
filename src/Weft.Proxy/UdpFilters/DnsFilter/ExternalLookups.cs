using Weft.Net;
using Weft.Proxy.Dns;
using Weft.Proxy.Workers;

namespace Weft.Proxy.UdpFilters.DnsFilter;

/// <summary>Asks other name servers on the main thread for what a worker does not know. Any thread.</summary>
internal sealed class ExternalLookups(IDnsResolver resolver, EventLoop mainLoop)
{
    private readonly IDnsResolver _resolver = resolver;
    private readonly EventLoop _mainLoop = mainLoop;
    private long _pending;

    /// <summary>For one attempt; default 500.</summary>
    public required long TimeoutMs { get; init; }

    /// <summary>Further attempts after one that took too long.</summary>
    public required int Retries { get; init; }

    /// <summary>max_pending_lookups: more at a time find nothing.</summary>
    public required long MaxPending { get; init; }

    /// <summary>Calls back on the worker, with no addresses when there are none or nobody says. False: too many are being asked for.</summary>
    public bool TryStart(string name, ushort type, Worker worker, Action<IReadOnlyList<NetAddress>> callback)
    {
        if (Interlocked.Increment(ref _pending) > MaxPending)
        {
            Interlocked.Decrement(ref _pending);
            return false;
        }

        var family = type == DnsQuestion.TypeAaaa ? DnsLookupFamily.V6Only : DnsLookupFamily.V4Only;
        _mainLoop.Post(() => new Lookup(this, name, family, addresses => worker.Loop.Post(() => callback(addresses))).Start());
        return true;
    }

    /// <summary>One name. Main thread.</summary>
    private sealed class Lookup
    {
        private readonly ExternalLookups _owner;
        private readonly string _name;
        private readonly DnsLookupFamily _family;
        private readonly Action<IReadOnlyList<NetAddress>> _callback;
        private readonly LoopTimer _timer;
        private IDisposable? _running;
        private int _retries;

        public Lookup(ExternalLookups owner, string name, DnsLookupFamily family, Action<IReadOnlyList<NetAddress>> callback)
        {
            (_owner, _name, _family, _callback, _retries) = (owner, name, family, callback, owner.Retries);
            _timer = new LoopTimer(owner._mainLoop, OnTimeout);
        }

        public void Start()
        {
            _timer.Arm(_owner.TimeoutMs);
            _running = _owner._resolver.Resolve(_name, _family, OnResult);
        }

        private void OnResult(DnsResult result)
        {
            _timer.Cancel();
            End([.. result.Addresses.Select(static address => NetAddress.FromIP(address, 0))]);
        }

        private void OnTimeout()
        {
            _running?.Dispose();
            if (_retries-- > 0)
                Start();
            else
                End([]);
        }

        private void End(IReadOnlyList<NetAddress> addresses)
        {
            Interlocked.Decrement(ref _owner._pending);
            _callback(addresses);
        }
    }
}
