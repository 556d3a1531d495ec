using System.Text;
using Weft.Base.Hashing;

namespace Weft.Proxy.Clusters.LoadBalancing.Hashing;

/// <summary>MAGLEV: a table of prime size in which endpoints have entries in proportion to their weights, few of which move when endpoints come and go. O(1) per pick.</summary>
/// <remarks>Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer" (NSDI 2016), section 3.4.</remarks>
internal sealed class MaglevTable : HashTable
{
    private readonly Endpoint[] _endpoints;
    private readonly int[] _owners;

    public MaglevTable(NormalizedWeights weights, MaglevConfig config)
    {
        // The order in which endpoints choose must not depend on the order in which they are listed.
        var candidates = new Candidate[weights.Count];
        for (var i = 0; i < candidates.Length; i++)
            candidates[i] = new Candidate(weights.Endpoints[i], weights.Weights[i], config);
        Array.Sort(candidates, static (one, other) => one.Key.AsSpan().SequenceCompareTo(other.Key));
        _endpoints = Array.ConvertAll(candidates, static candidate => candidate.Endpoint);
        _owners = candidates.Length == 0 ? [] : Fill(candidates, weights.Max, (int)config.TableSize);
        if (candidates.Length > 0)
            config.Stats?.Set(candidates.Min(static candidate => candidate.Entries), candidates.Max(static candidate => candidate.Entries));
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

    /// <summary>In each round an endpoint takes an entry when its weight has added up to that of the heaviest.</summary>
    private static int[] Fill(Candidate[] candidates, double maxWeight, int size)
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
                owners[candidate.TakeEntry(owners)] = i;
                filled++;
            }
        }
        return owners;
    }

    /// <summary>An endpoint while the table is filled: it visits all entries in an order of its own.</summary>
    private struct Candidate
    {
        public readonly Endpoint Endpoint;
        public readonly byte[] Key;
        public readonly double Weight;
        public double NextAt;
        public int Entries;
        private readonly ulong _offset;
        private readonly ulong _skip;
        private ulong _next;

        public Candidate(Endpoint endpoint, double weight, MaglevConfig config)
        {
            Endpoint = endpoint;
            Weight = weight;
            Key = Encoding.UTF8.GetBytes(HashKey.Of(endpoint, config.UseHostname));
            _offset = XxHash64.Hash(Key) % config.TableSize;
            _skip = XxHash64.Hash(Key, 1) % (config.TableSize - 1) + 1;
        }

        /// <summary>The next entry in its order that is free.</summary>
        public int TakeEntry(int[] owners)
        {
            int entry;
            do
            {
                entry = (int)((_offset + _skip * _next++) % (ulong)owners.Length);
            }
            while (owners[entry] >= 0);
            Entries++;
            return entry;
        }
    }
}
