using System.Numerics;
using System.Runtime.InteropServices;
using Weft.Base;

namespace Weft.Proxy.Clusters.LoadBalancing.FullScan;

/// <summary>The places of a set of endpoints in the blocks of their cluster, and the search for the least busy of them. Immutable, shared by all workers.</summary>
internal sealed class ScanTable
{
    /// <summary>Below this a plain loop over the endpoints is as fast.</summary>
    private const int MinEndpoints = 32;

    /// <summary>A set that is a smaller part of its blocks than this is searched by itself.</summary>
    private const int MaxSparseness = 8;

    /// <summary>How many counts are looked at together to find the n-th of those that are equal.</summary>
    private const int Stride = 64;

    private readonly Block[] _blocks;

    private ScanTable(Block[] blocks) => _blocks = blocks;

    /// <summary>How many counts a search writes down.</summary>
    public int Size => _blocks.Length * ActiveCounts.BlockSize;

    /// <summary>Null when the set is better searched one by one.</summary>
    public static ScanTable? Of(Endpoint[] endpoints)
    {
        if (endpoints.Length < MinEndpoints)
            return null;
        var blocks = new Dictionary<int[], Block>();
        foreach (var endpoint in endpoints)
        {
            if (endpoint.ActivePlace is not { } place)
                return null;
            if (!blocks.TryGetValue(place.Block, out var block))
                blocks.Add(place.Block, block = new Block(place.Block));
            block.Add(endpoint, place.Index);
        }

        return blocks.Count * ActiveCounts.BlockSize > endpoints.Length * MaxSparseness && blocks.Count > 1 ? null : new ScanTable([.. blocks.Values]);
    }

    /// <summary>Any of the least busy, each with the same chance. Any thread; other workers count meanwhile.</summary>
    /// <param name="scratch">Of the worker, <see cref="Size"/> long.</param>
    public Endpoint Find(Span<int> scratch, RandomSource random)
    {
        var least = int.MaxValue;
        for (var i = 0; i < _blocks.Length; i++)
            least = Math.Min(least, _blocks[i].Read(scratch.Slice(i * ActiveCounts.BlockSize, ActiveCounts.BlockSize)));
        var at = IndexOf(scratch, least, (int)random.Next((uint)scratch.Count(least)));
        return _blocks[at / ActiveCounts.BlockSize].EndpointAt(at % ActiveCounts.BlockSize);
    }

    /// <summary>Where the value stands for the n-th time.</summary>
    private static int IndexOf(ReadOnlySpan<int> values, int value, int n)
    {
        var at = 0;
        while (true)
        {
            var count = values.Slice(at, Stride).Count(value);
            if (n < count)
                break;
            n -= count;
            at += Stride;
        }

        while (values[at] != value || n-- > 0)
            at++;
        return at;
    }

    private sealed class Block(int[] counts)
    {
        /// <summary>0 where an endpoint of the set counts, else more than anybody ever has.</summary>
        private readonly int[] _floor = [.. Enumerable.Repeat(int.MaxValue, ActiveCounts.BlockSize)];
        private readonly Endpoint?[] _endpoints = new Endpoint?[ActiveCounts.BlockSize];

        public void Add(Endpoint endpoint, int index)
        {
            _floor[index] = 0;
            _endpoints[index] = endpoint;
        }

        public Endpoint EndpointAt(int index) => _endpoints[index]!;

        /// <summary>Writes down all counts of the set; gives the least.</summary>
        public int Read(Span<int> into)
        {
            var from = MemoryMarshal.Cast<int, Vector<int>>(counts);
            var floor = MemoryMarshal.Cast<int, Vector<int>>(_floor);
            var to = MemoryMarshal.Cast<int, Vector<int>>(into);
            var least = new Vector<int>(int.MaxValue);
            for (var i = 0; i < from.Length; i++)
            {
                var values = Vector.Max(from[i], floor[i]);
                to[i] = values;
                least = Vector.Min(least, values);
            }

            var result = int.MaxValue;
            for (var i = 0; i < Vector<int>.Count; i++)
                result = Math.Min(result, least[i]);
            return result;
        }
    }
}
