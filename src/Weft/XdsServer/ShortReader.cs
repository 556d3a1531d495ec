using System.Globalization;
using Weft.Config;
using Weft.Config.Syntax;

namespace Weft.XdsServer;

/// <summary>Reads the short form: every field has a position, every fault is found in one run. Main thread.</summary>
internal sealed class ShortReader(Findings findings)
{
    /// <summary>What could be read; use it only when there are no errors.</summary>
    public ShortResources Read(Node root)
    {
        Expect(root, "", "name", "spec");
        var spec = Mapping(root, "spec", "");
        if (spec is null)
            return new ShortResources([], []);
        Expect(spec, "spec", "listeners", "clusters");
        return new ShortResources(List(spec, "listeners", "spec", Listener), List(spec, "clusters", "spec", Cluster));
    }

    private ShortListener Listener(Node node, string path)
    {
        Expect(node, path, "name", "address", "port", "routes");
        return new ShortListener(Text(node, "name", path), Text(node, "address", path), Port(node, path), List(node, "routes", path, Route));
    }

    private ShortRoute Route(Node node, string path)
    {
        Expect(node, path, "name", "prefix", "clusters");
        var clusters = List(node, "clusters", path, (item, at) => Scalar(item, at));
        if (clusters.Count == 0)
            Report(node, path + ".clusters", "a route needs a cluster");
        return new ShortRoute(Text(node, "name", path), Text(node, "prefix", path), clusters);
    }

    private ShortCluster Cluster(Node node, string path)
    {
        Expect(node, path, "name", "endpoints");
        return new ShortCluster(Text(node, "name", path), List(node, "endpoints", path, Endpoint));
    }

    private ShortEndpoint Endpoint(Node node, string path)
    {
        Expect(node, path, "address", "port");
        return new ShortEndpoint(Text(node, "address", path), Port(node, path));
    }

    private List<T> List<T>(Node node, string field, string path, Func<Node, string, T> read)
    {
        var result = new List<T>();
        switch ((node as MappingNode)?.Find(field))
        {
            case null or { IsNull: true }:
                break;
            case SequenceNode list:
                for (var i = 0; i < list.Items.Count; i++)
                    result.Add(read(list.Items[i], string.Create(CultureInfo.InvariantCulture, $"{path}.{field}[{i}]")));
                break;
            case var other:
                Report(other, $"{path}.{field}", $"expected a list, found {other.Describe()}");
                break;
        }

        return result;
    }

    private MappingNode? Mapping(Node node, string field, string path)
    {
        switch ((node as MappingNode)?.Find(field))
        {
            case MappingNode mapping:
                return mapping;
            case var other:
                Report(other ?? node, path + field, "expected a mapping");
                return null;
        }
    }

    private string Text(Node node, string field, string path)
    {
        if ((node as MappingNode)?.Find(field) is { } value)
            return Scalar(value, $"{path}.{field}");
        Report(node, $"{path}.{field}", "a value is required");
        return "";
    }

    private uint Port(Node node, string path)
    {
        var text = Text(node, "port", path);
        // That it is missing has been said.
        if (text.Length == 0)
            return 1;
        if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue)
            return port;
        Report((node as MappingNode)?.Find("port") ?? node, path + ".port", $"'{text}' is no port");
        return 1;
    }

    private string Scalar(Node node, string path)
    {
        if (node is ScalarNode { Kind: not ScalarKind.Null, Text.Length: > 0 } scalar)
            return scalar.Text;
        Report(node, path, $"expected a text, found {node.Describe()}");
        return "";
    }

    private void Expect(Node node, string path, params string[] fields)
    {
        if (node is not MappingNode mapping)
        {
            Report(node, path, $"expected a mapping, found {node.Describe()}");
            return;
        }

        foreach (var entry in mapping.Entries.Where(entry => !fields.Contains(entry.Key)))
            findings.Add(new Finding(Severity.Error, entry.Position, path.Length == 0 ? entry.Key : $"{path}.{entry.Key}", "unknown field", CommandLine.Spelling.Closest(entry.Key, fields)));
    }

    private void Report(Node at, string path, string text) => findings.Add(new Finding(Severity.Error, at.Position, path, text));
}
