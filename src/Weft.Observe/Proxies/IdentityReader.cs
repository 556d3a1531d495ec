namespace Weft.Observe.Proxies;

/// <summary>Reads <c>/server_info</c>.</summary>
internal static class IdentityReader
{
    /// <param name="address">What it is called when it does not say.</param>
    /// <exception cref="BadInputException">It is not that.</exception>
    public static ProxyIdentity Read(ReadOnlyMemory<byte> answer, string address)
    {
        using var document = JsonFields.Parse(answer);
        var info = document.RootElement;
        var node = info.Field("node");
        var options = info.Field("command_line_options");
        return new ProxyIdentity(
            node?.Text("id") is { Length: > 0 } id ? id : address,
            node?.Text("cluster") ?? "",
            node?.Field("locality")?.Text("zone") ?? "",
            info.Text("version"),
            info.Text("state"),
            Seconds(info.Text("uptime_current_epoch")),
            (int)Math.Min(options?.Number("restart_epoch") ?? 0, int.MaxValue),
            (int)Math.Min(options?.Number("concurrency") ?? 0, int.MaxValue),
            options?.Text("config_path") ?? "");
    }

    /// <summary>A duration as protobuf's JSON has it: <c>5s</c>.</summary>
    private static long Seconds(string duration) => long.TryParse(duration.AsSpan().TrimEnd('s'), out var seconds) ? seconds : 0;
}
