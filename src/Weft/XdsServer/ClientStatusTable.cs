using System.Globalization;
using Envoy.Service.Status.V3;
using Weft.Xds;

namespace Weft.XdsServer;

/// <summary>How clients stand, for people: a line for each client and type, and one for each refusal.</summary>
internal static class ClientStatusTable
{
    private static readonly string[] s_titles = ["NODE", "TYPE", "SYNCED", "STALE", "NOT SENT", "REFUSED"];

    public static void Write(ClientStatusResponse status, TextWriter output)
    {
        var rows = new List<string[]> { s_titles };
        foreach (var client in status.Config.OrderBy(static client => client.Node.Id, StringComparer.Ordinal))
        {
            foreach (var ofType in client.GenericXdsConfigs.GroupBy(static one => one.TypeUrl, StringComparer.Ordinal))
                rows.Add([client.Node.Id, ResourceType.Find(ofType.Key)?.ShortName ?? ofType.Key, Count(ofType, ConfigStatus.Synced), Count(ofType, ConfigStatus.Stale), Count(ofType, ConfigStatus.NotSent), Count(ofType, ConfigStatus.Error)]);
        }

        WriteRows(rows, output);
        foreach (var client in status.Config)
        {
            // All resources of a response are refused for the same reason.
            foreach (var refusal in client.GenericXdsConfigs.Where(static one => one.ErrorState is not null).GroupBy(static one => (one.TypeUrl, one.ErrorState.Details)))
                output.WriteLine($"{client.Node.Id} refuses {ResourceType.Find(refusal.Key.TypeUrl)}: {refusal.Key.Details}");
        }
    }

    private static string Count(IEnumerable<ClientConfig.Types.GenericXdsConfig> resources, ConfigStatus status) => resources.Count(one => one.ConfigStatus == status).ToString(CultureInfo.InvariantCulture);

    private static void WriteRows(List<string[]> rows, TextWriter output)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
            output.WriteLine(string.Join("  ", row.Select((text, column) => text.PadRight(widths[column]))).TrimEnd());
    }
}
