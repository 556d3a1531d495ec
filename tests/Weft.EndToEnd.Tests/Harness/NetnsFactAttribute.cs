namespace Weft.EndToEnd.Tests.Harness;

/// <summary>A test with several hosts, each a network namespace: skipped, saying why, where those cannot be made.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NetnsFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> WhyNot = new(Probe);

    public NetnsFactAttribute() => Skip = WhyNot.Value;

    private static string? Probe()
    {
        if (!Environment.IsPrivilegedProcess)
            return "needs root: its hosts are network namespaces";
        foreach (var command in new[] { "ip", "dnsmasq", "curl" })
        {
            if (!Shell.IsInstalled(command))
                return $"needs the command {command}";
        }

        try
        {
            using var network = new TestNetwork();
            network.AddHost("probe", "172.31.0.2");
            return null;
        }
        catch (InvalidOperationException error)
        {
            return $"network namespaces cannot be made here: {error.Message.Trim()}";
        }
    }
}
