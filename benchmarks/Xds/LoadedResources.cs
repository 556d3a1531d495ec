using System.Globalization;
using System.Text;

namespace Weft.Bench.Xds;

/// <summary>What the management server serves while requests run: some clusters, one of which has backends that answer.</summary>
internal static class LoadedResources
{
    /// <summary>The host whose requests are answered.</summary>
    public const string Host = "cluster-0.default.svc";

    private const int StepsPerRoutes = 20;
    private const int StepsPerCluster = 100;

    /// <summary>A file in the form of a DiscoveryResponse.</summary>
    /// <param name="backends">Ports that answer: the first stays, the other comes and goes.</param>
    /// <param name="step">
    /// Makes it another than the one before: always the endpoints of one cluster, of each in turn, now and then routes, hardly ever the settings of the
    /// cluster that the load goes to.
    /// </param>
    public static string File(int clusters, (int First, int Other) backends, int step)
    {
        var text = new StringBuilder("{ \"version_info\": \"1\", \"resources\": [\n");
        for (var i = 0; i < clusters; i++)
        {
            // How often it was this cluster's turn.
            var changes = (step + clusters - 1 - i) / clusters;
            int[] ports = i > 0 ? [8080, 9000 + (changes % 1000)] : changes % 2 == 0 ? [backends.First] : [backends.First, backends.Other];
            text.Append(Resources.Cluster(i, connectTimeoutMs: 5000 + (i == 0 ? step / StepsPerCluster : 0)));
            text.Append(Resources.Endpoints(i, i == 0 ? "127.0.0.1" : Resources.Address(i), ports));
        }

        return text.Append(Resources.Routes(clusters, version: step / StepsPerRoutes)).Append(Resources.Listener).Append("\n] }").ToString();
    }
}
