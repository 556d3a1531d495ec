using System.Text;
using Weft.Base.Hashing;

namespace Weft.Proxy.Clusters.LoadBalancing.Hashing;

/// <summary>MAGLEV: a table of prime size in which endpoints have entries in proportion to their weights, few of which move when endpoints come and go. O(1) per pick.</summary>
/// <remarks>Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer" (NSDI 2016), section 3.4.</remarks>
internal sealed class MaglevTable : HashTable
{
    private readonly Endpoint[] _endpoints;
    private readonly Entry[] _entries;
    private readonly int[] _owners;

    /// <param name="previous">The table before; null: there was none.</param>
    public MaglevTable(NormalizedWeights weights, MaglevConfig config, MaglevTable? previous = null)
    {
        _endpoints = [.. weights.Endpoints];
        _entries = Order(config, previous);
        _owners = _entries.Length == 0 ? [] : Fill(Array.ConvertAll(_entries, entry => new Candidate(entry, weights.Weights[entry.Endpoint])), weights.Max, (int)config.TableSize, config.Stats);
    }

    public override Endpoint? Find(ulong hash, int attempt)
    {
        if (_owners.Length == 0)
            return null;
        // Many bits differ from one attempt to the next, so that attempts spread.
        if (attempt > 0)
            hash ^= ulong.MaxValue - (ulong)attempt + 1;
        return _endpoints[_owners[hash % (ulong)_owners.Length]];
    }

    /// <summary>The order in which endpoints choose must not depend on the order in which they are listed: by key. Those of the table before need not be sorted and hashed again.</summary>
    private Entry[] Order(MaglevConfig config, MaglevTable? previous)
    {
        var change = new EndpointChange(previous?._endpoints ?? [], _endpoints);
        var come = new List<Entry>(change.Come.Length);
        foreach (var i in change.Come)
            come.Add(new Entry(i, HashKey.Of(_endpoints[i], config.UseHostname), config.TableSize));
        var stayed = new List<Entry>(_endpoints.Length);
        foreach (var entry in previous?._entries ?? [])
        {
            var now = change.IndexNow(entry.Endpoint, previous!._endpoints[entry.Endpoint]);
            if (now < 0)
                continue;
            if (HashKey.Of(_endpoints[now], config.UseHostname) is var key && key != entry.Key)
                come.Add(new Entry(now, key, config.TableSize));
            else
                stayed.Add(entry with { Endpoint = now });
        }

        come.Sort(Entry.ByKey);
        return Merge(stayed, come);
    }

    private static Entry[] Merge(List<Entry> stayed, List<Entry> come)
    {
        var merged = new List<Entry>(stayed.Count + come.Count);
        var next = 0;
        foreach (var entry in stayed)
        {
            for (; next < come.Count && Entry.ByKey(come[next], entry) < 0; next++)
                merged.Add(come[next]);
            merged.Add(entry);
        }

        merged.AddRange(come[next..]);
        return [.. merged];
    }

    /// <summary>In each round an endpoint takes an entry when its weight has added up to that of the heaviest.</summary>
    private static int[] Fill(Candidate[] candidates, double maxWeight, int size, MaglevStats? stats)
    {
        var owners = new int[size];
        Array.Fill(owners, -1);
        var filled = 0;
        for (var round = 1; filled < size; round++)
        {
            for (var i = 0; i < candidates.Length && filled < size; i++)
            {
                ref var candidate = ref candidates[i];
                if (round * candidate.Weight < candidate.NextAt)
                    continue;
                candidate.NextAt += maxWeight;
                candidate.TakePlace(owners);
                filled++;
            }
        }

        stats?.Set(candidates.Min(static candidate => candidate.Places), candidates.Max(static candidate => candidate.Places));
        return owners;
    }

    /// <summary>What decides the order in which an endpoint visits the places of the table. Holds as long as the endpoint has its key.</summary>
    private readonly record struct Entry
    {
        private readonly byte[] _bytes;

        /// <param name="endpoint">Its index.</param>
        /// <param name="key">What it is known by.</param>
        /// <param name="tableSize">Of the table.</param>
        public Entry(int endpoint, string key, ulong tableSize)
        {
            Endpoint = endpoint;
            Key = key;
            _bytes = Encoding.UTF8.GetBytes(key);
            Offset = (int)(XxHash64.Hash(_bytes) % tableSize);
            Skip = (int)(XxHash64.Hash(_bytes, 1) % (tableSize - 1) + 1);
        }

        public int Endpoint { get; init; }

        public string Key { get; }

        /// <summary>The first place that it visits.</summary>
        public int Offset { get; }

        /// <summary>From one place to the next.</summary>
        public int Skip { get; }

        public static int ByKey(Entry one, Entry other) => one._bytes.AsSpan().SequenceCompareTo(other._bytes);
    }

    /// <summary>An endpoint while the table is filled.</summary>
    private struct Candidate(Entry entry, double weight)
    {
        public readonly double Weight = weight;
        public double NextAt;
        public int Places;
        private readonly int _endpoint = entry.Endpoint;
        private readonly int _skip = entry.Skip;
        private int _next = entry.Offset;

        /// <summary>The next place in its order that is free.</summary>
        public void TakePlace(int[] owners)
        {
            while (owners[_next] >= 0)
                Advance(owners.Length);
            owners[_next] = _endpoint;
            Advance(owners.Length);
            Places++;
        }

        /// <summary>The table's size is a prime: after that many steps it has seen every place.</summary>
        private void Advance(int size)
        {
            // Both are below the size, which is at most 5,000,011: no overflow.
            _next += _skip;
            if (_next >= size)
                _next -= size;
        }
    }
}
