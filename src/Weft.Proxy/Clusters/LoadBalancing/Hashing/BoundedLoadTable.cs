using Weft.Base.Hashing;
using Weft.Proxy.Clusters.CircuitBreaking;

namespace Weft.Proxy.Clusters.LoadBalancing.Hashing;

/// <summary>
/// hash_balance_factor: no endpoint takes more than that many percent of its fair share of the requests that are active.
/// The requests of one that is full go to others in an order that their hash decides. O(n) when many are full.
/// </summary>
/// <remarks>Mirrokni et al., "Consistent Hashing with Bounded Loads"; the random jump is from Chen et al., "Revisiting Consistent Hashing with Bounded Loads".</remarks>
internal sealed class BoundedLoadTable : HashTable
{
    [ThreadStatic]
    private static Scratch? s_scratch;

    private readonly HashTable _inner;
    private readonly Endpoint[] _endpoints;
    private readonly double[] _weights;
    private readonly Dictionary<Endpoint, double> _weightOf = [];
    private readonly uint _factorPercent;
    private readonly CircuitBreakers _active;

    /// <param name="active">Knows how many requests are active in the cluster.</param>
    public BoundedLoadTable(HashTable inner, NormalizedWeights weights, uint factorPercent, CircuitBreakers active)
    {
        _inner = inner;
        _endpoints = [.. weights.Endpoints];
        _weights = [.. weights.Weights];
        for (var i = 0; i < _endpoints.Length; i++)
            _weightOf[_endpoints[i]] = _weights[i];
        _factorPercent = factorPercent;
        _active = active;
    }

    public override Endpoint? Find(ulong hash, int attempt)
    {
        if (_inner.Find(hash, attempt) is not { } endpoint)
            return null;
        var slots = TotalSlots();
        var overload = Overload(endpoint, _weightOf[endpoint], slots);
        return overload <= 1.0 ? endpoint : FindOther(hash, endpoint, overload, slots);
    }

    /// <summary>The first that is not full, in a random order that is always the same for a hash; else the least overloaded.</summary>
    private Endpoint FindOther(ulong hash, Endpoint first, double overload, uint slots)
    {
        var count = _endpoints.Length;
        var scratch = s_scratch ??= new Scratch();
        var order = scratch.Start(hash, count);
        var (best, least) = (first, overload);
        for (var i = 0; i < count; i++)
        {
            var j = i + (int)scratch.Below((uint)(count - i));
            (order[i], order[j]) = (order[j], order[i]);
            var other = _endpoints[order[i]];
            if (ReferenceEquals(other, first))
                continue;
            overload = Overload(other, _weights[order[i]], slots);
            if (overload <= 1.0)
                return other;
            if (overload < least)
                (best, least) = (other, overload);
        }
        return best;
    }

    private uint TotalSlots()
    {
        var active = _active.Default.Requests.Current + _active.High.Requests.Current;
        return (uint)(((active + 1) * _factorPercent + 99) / 100);
    }

    private static double Overload(Endpoint endpoint, double weight, uint totalSlots) =>
        (double)Volatile.Read(ref endpoint.ActiveRequests) / Math.Max((uint)Math.Ceiling(totalSlots * weight), 1);

    /// <summary>A shuffle in progress; kept by its thread.</summary>
    private sealed class Scratch
    {
        private readonly MersenneTwister _random = new();
        private int[] _order = [];

        public int[] Start(ulong seed, int count)
        {
            _random.Seed((uint)seed);
            if (_order.Length < count)
                _order = new int[count];
            for (var i = 0; i < count; i++)
                _order[i] = i;
            return _order;
        }

        /// <summary>Uniform in [0, <paramref name="bound"/>), drawn as Envoy draws it.</summary>
        public uint Below(uint bound)
        {
            var width = (1UL << 32) / bound;
            ulong drawn;
            do
            {
                drawn = _random.Next() / width;
            }
            while (drawn >= bound);
            return (uint)drawn;
        }
    }
}
