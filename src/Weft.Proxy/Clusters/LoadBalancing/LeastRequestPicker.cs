using Weft.Base;
using Weft.Proxy.Clusters.LoadBalancing.FullScan;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>
/// LEAST_REQUEST. Equal weights: the least busy of a few drawn at random, which is close to the best at O(1), or with
/// FULL_SCAN of all. Unequal weights: as weighted round robin, each weight divided by how busy its endpoint is.
/// </summary>
internal static class LeastRequestPicker
{
    public static EndpointPicker Create(PlannedSet set, LoadBalancingConfig config, RandomSource random, EndpointPicker? previous) =>
        set.IsWeighted ? new Weighted(set.Endpoints, config, random, previous as Weighted)
        : config.IsFullScan ? set.ScanTable is { } table ? new TableScan(set.Endpoints, table, random) : new EachScan(set.Endpoints, random)
        : new Equal(set.Endpoints, config.ChoiceCount, random);

    private sealed class Equal(Endpoint[] endpoints, int choiceCount, RandomSource random) : EndpointPicker(endpoints)
    {
        public override Endpoint Pick(in LoadBalancerContext context)
        {
            var best = Draw();
            var bestActive = Volatile.Read(ref best.ActiveRequests);
            for (var i = 1; i < choiceCount; i++)
            {
                var other = Draw();
                var active = Volatile.Read(ref other.ActiveRequests);
                if (active >= bestActive)
                    continue;
                best = other;
                bestActive = active;
            }
            return best;
        }

        private Endpoint Draw() => Endpoints[random.Next((uint)Endpoints.Length)];
    }

    /// <summary>All are compared, in a table.</summary>
    private sealed class TableScan(Endpoint[] endpoints, ScanTable table, RandomSource random) : EndpointPicker(endpoints)
    {
        private readonly int[] _scratch = new int[table.Size];

        public override Endpoint Pick(in LoadBalancerContext context) => table.Find(_scratch, random);
    }

    /// <summary>All are compared, one by one.</summary>
    private sealed class EachScan(Endpoint[] endpoints, RandomSource random) : EndpointPicker(endpoints)
    {
        /// <summary>Of several that are equally idle each has the same chance.</summary>
        public override Endpoint Pick(in LoadBalancerContext context)
        {
            var best = Endpoints[0];
            var bestActive = Volatile.Read(ref best.ActiveRequests);
            var ties = 1u;
            for (var i = 1; i < Endpoints.Length; i++)
            {
                var other = Endpoints[i];
                var active = Volatile.Read(ref other.ActiveRequests);
                if (active > bestActive || (active == bestActive && random.Next(++ties) != 0))
                    continue;
                if (active < bestActive)
                    ties = 1;
                best = other;
                bestActive = active;
            }
            return best;
        }
    }

    private sealed class Weighted(Endpoint[] endpoints, LoadBalancingConfig config, RandomSource random, Weighted? previous)
        : WeightedPicker(endpoints, config.SlowStart, random, previous)
    {
        private readonly double _bias = config.ActiveRequestBias;

        protected override double WeightOf(Endpoint endpoint)
        {
            if (_bias == 0)
                return endpoint.Weight;
            var busy = Math.Max(0, Volatile.Read(ref endpoint.ActiveRequests)) + 1.0;
            return endpoint.Weight / (_bias == 1 ? busy : Math.Pow(busy, _bias));
        }
    }
}
